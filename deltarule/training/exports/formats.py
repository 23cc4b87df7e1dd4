"""The formats that a model goes out in, one line for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from deltarule.training.exports.archive import to_npz
from deltarule.training.exports.bundle import to_bundle
from deltarule.training.exports.document import to_json
from deltarule.training.exports.facts import NOTHING, About
from deltarule.training.exports.tensors import to_safetensors
from deltarule.training.model import Model

ExportFormat = Literal["npz", "json", "safetensors", "onnx", "bundle"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what it is called in HTTP, how its files' names end, and who writes it."""

    media_type: str
    suffix: str
    write: Callable[[Model, About], bytes]


def _to_onnx(model: Model, about: About) -> bytes:
    # Loads the onnx package, which takes long and much memory: not before somebody wants it.
    from deltarule.training.exports.onnx import to_onnx  # noqa: PLC0415

    return to_onnx(model, about)


FORMATS: Mapping[ExportFormat, Format] = MappingProxyType(
    {
        "npz": Format("application/x-npz", "npz", to_npz),
        "json": Format("application/json", "json", to_json),
        "safetensors": Format("application/x-safetensors", "safetensors", to_safetensors),
        "onnx": Format("application/x-onnx", "onnx", _to_onnx),
        "bundle": Format("application/zip", "zip", to_bundle),
    }
)

MEDIA_TYPES: Mapping[ExportFormat, str] = MappingProxyType(
    {name: format_.media_type for name, format_ in FORMATS.items()}
)
"""What each format is called in HTTP."""


def export(model: Model, format: ExportFormat, about: About = NOTHING) -> bytes:  # noqa: A002
    """The model in a format that others read; equal models and facts give equal bytes.

    Args:
        model: a trained one.
        format: "npz" for NumPy's archive of arrays, "json" for one document, "safetensors" for arrays that every
            framework reads, "onnx" for a graph with the preprocessing inside, "bundle" for a zip with a program that
            needs NumPy only.
        about: further facts for the document, such as an id, a name or metrics; JSON values only.

    Raises:
        DataError: the model is too large for the format.
    """
    return FORMATS[format].write(model, about)
