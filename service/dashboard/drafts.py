"""A job that is being written: fields that know their JSON Pointer become the document that the API takes.

What is left empty is left out, and so chosen by the service; each fault finds its field by its pointer.
"""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deltarule.backprop.errors import Fault
from deltarule.training.spec import Spec
from service.pointers import keys

Document = dict[str, Any]
LAYER = "/network/layers/"
STOPPING = "/training/early_stopping"
TARGET = "/target"
BATCH = "/training/batch_size"
WHOLE = "full"
CLASSES = "/training/class_weight"
BY_CLASS = "by class"
"""What is chosen where each class has a field of its own."""
METHODS = ("optimizer", "schedule")
"""What takes its values only together with its name: they may still be there when it is no longer chosen."""


def composed(fields: Iterable[tuple[str, Any]]) -> Document:
    """The document of these fields, a pointer and a value each; it says nothing that goes without saying."""
    document: Document = {}
    given = dict(fields)
    for pointer, value in sorted(given.items()):
        if _belongs_to_no_choice(pointer, given):
            continue
        if pointer == STOPPING:
            _stopping(document, value)
        elif pointer.startswith(LAYER):
            _layer(document, pointer, value)
        elif not (_is_empty(value) or (pointer in DEFAULTS and DEFAULTS[pointer] == value)):
            _put(document, pointer, _plain(pointer, value))
    return {name: value for name, value in document.items() if name not in METHODS or "name" in value}


def layers_of(fields: Iterable[tuple[str, Any]]) -> list[Document]:
    """The layers that are being edited; none where the service is to choose them."""
    layers: list[Document] = (
        composed(each for each in fields if each[0].startswith(LAYER)).get("network", {}).get("layers", [])
    )
    return layers


def placed(faults: Iterable[Fault], pointers: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What is to be said at which field, and what belongs to none of them."""
    beside: dict[str, list[str]] = {}
    others = []
    for fault in faults:
        within = [pointer for pointer in pointers if f"{fault.pointer}/".startswith(f"{pointer}/")]
        if within:
            beside.setdefault(max(within, key=len), []).append(fault.detail)
        else:
            others.append(f"{fault.pointer}: {fault.detail}" if fault.pointer else fault.detail)
    return {pointer: " ".join(dict.fromkeys(told)) for pointer, told in beside.items()}, others


def written(document: Document) -> str:
    """The document for people."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_curl(document: Document, host: str, *, keyed: bool) -> str:
    """The command that queues this job from a terminal."""
    key = ' -H "Authorization: Bearer $DELTARULE_API_KEY"' if keyed else ""
    content = shlex.quote(json.dumps(document, ensure_ascii=False))
    return f"curl {host}v1/jobs -H 'Content-Type: application/json'{key} -d {content}"


def _belongs_to_no_choice(pointer: str, given: Mapping[str, Any]) -> bool:
    """Classes have weights of their own only where that is chosen, and then say so by themselves."""
    by_class = given.get(CLASSES) == BY_CLASS
    return by_class if pointer == CLASSES else pointer.startswith(f"{CLASSES}/") and not by_class


def _stopping(document: Document, value: str | None) -> None:
    if value == "off":
        _put(document, STOPPING, None)
    elif value == "on":
        _put(document, STOPPING, {})


def _layer(document: Document, pointer: str, value: object) -> None:
    """Layers stand one after the other, also those of which nothing is said."""
    number, name = pointer.removeprefix(LAYER).split("/")
    layers: list[Document] = document.setdefault("network", {}).setdefault("layers", [])
    layers += [{} for _ in range(int(number) + 1 - len(layers))]
    without = value == LAYER_DEFAULTS.get(name)
    if not (_is_empty(value) or without):
        layers[int(number)][name] = value


def _put(document: Document, pointer: str, value: object) -> None:
    *path, name = keys(pointer)
    inner: Any = document
    for part in path:
        inner = inner.setdefault(part, {})
        if inner is None:  # early stopping was turned off, and its fields are about to go
            return
    inner[name] = value


def _plain(pointer: str, value: object) -> object:
    """One target is a name, several are a list."""
    return value[0] if pointer == TARGET and isinstance(value, list) and len(value) == 1 else value


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [])


def _flat(document: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in document.items():
        found |= _flat(value, f"{at}/{name}") if isinstance(value, dict) else {f"{at}/{name}": value}
    return found


DEFAULTS = _flat(Spec().model_dump(mode="json"))
"""What a job says where it says nothing, by pointer."""

LAYER_DEFAULTS = {"bias": True, "dropout": 0}
