"""The bundle: a folder that computes a model wherever Python and NumPy are, and can prove that it does."""

from deltarule.training.exports.bundle.packing import to_bundle

__all__ = ["to_bundle"]
