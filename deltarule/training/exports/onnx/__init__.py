"""ONNX: the whole model as one graph, from the columns as the user has them to the answers in the target's words.

Importing this package loads the onnx library, which takes long and much memory; `exports.formats` does it when the
first such export is asked for.
"""

from deltarule.training.exports.onnx.model import to_onnx

__all__ = ["to_onnx"]
