"""From where pydantic met a fault to where the user wrote it: a JSON Pointer into the document that was posted."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from pydantic_core import ErrorDetails

from deltarule.backprop.errors import Fault
from deltarule.training.tables.documents import escaped

Location = tuple[str | int, ...]
ABSENT = object()
MOST_ALIKE = 100
"""Faults of one kind in one array that are told."""
TAGGED = frozenset({"union_tag_invalid", "union_tag_not_found"})
MENDED = {
    "extra_forbidden": "There is no such field.",
    "missing": "This field is required.",
    "union_tag_not_found": "This field is required.",
    "finite_number": "The value must be a finite number; NaN and infinity are none.",
}
LENGTHS = {
    "too_short": "The list must have {min_length} or more items, not {actual_length}.",
    "too_long": "The list may have {max_length} items at most, and has {actual_length}.",
}
SHOULD_BE = "Input should be "


def pointer(parts: Iterable[str | int]) -> str:
    """The JSON Pointer (RFC 6901) of these keys and indices."""
    return "".join(f"/{escaped(str(part))}" for part in parts)


def keys(written: str) -> list[str]:
    """The keys and indices of a JSON Pointer."""
    return [key.replace("~1", "/").replace("~0", "~") for key in written.split("/")[1:]]


def faults(errors: Iterable[ErrorDetails], document: object) -> tuple[Fault, ...]:
    """The faults that pydantic found in `document`, one for each place.

    What several readings of one value said is joined by "or".
    """
    found: dict[Location, list[str]] = {}
    mistyped: set[Location] = set()
    for error in _own(list(errors)):
        place = tuple(_place(error, document))
        if error["type"].endswith("_type"):
            mistyped.add(place)
        sentences = found.setdefault(place, [])
        if (sentence := _sentence(error)) not in sentences:
            sentences.append(sentence)
    # Of several readings of one value, the one that got inside it is the one that was meant.
    outer = _above(found)
    told = {place: _joined(sentences) for place, sentences in found.items() if not place or place not in outer}
    alike = ((other, told[place]) for place in mistyped & told.keys() for other in _alike(place, document))
    return tuple(Fault(pointer(place), sentence) for place, sentence in {**told, **dict(alike)}.items())


def _own(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The errors without those that only follow from others: a list is too short once its wrong items are left out.

    An empty list is told as one, and not as no string where either could stand.
    """
    above = _above(error["loc"] for error in errors)
    empty = {error["loc"][:1] for error in errors if error["type"] == "too_short" and error["input"] in ((), [])}
    for error in errors:
        follows = error["type"] == "too_short" and error["loc"] in above
        other_reading = error["type"] == "string_type" and error["input"] == [] and error["loc"][:1] in empty
        if not follows and not other_reading:
            yield error


def _above(places: Iterable[Location]) -> set[Location]:
    """All places that have one of these inside them."""
    return {place[:depth] for place in places for depth in range(len(place))}


def _alike(place: Location, document: object) -> Iterator[Location]:
    """The places of the values in the same array, at the same depth, that are of the same type as the one at `place`.

    The reading of an array ends at its first fault; what is wrong in the same way is found again here.
    """
    start = next((depth for depth, part in enumerate(place) if isinstance(part, int)), None)
    if start is None:
        return
    kind, array = type(_at(place, document)), _at(place[:start], document)
    found = _same(array, len(place) - start, place[start:], kind)
    yield from ((*place[:start], *inside) for inside in islice(found, MOST_ALIKE))


def _same(value: object, depth: int, like: Location, kind: type) -> Iterator[Location]:
    """Places in `value`, so deep, that end in the same name as `like` where that is one, and hold this type."""
    if depth == 0:
        if type(value) is kind:
            yield ()
    elif isinstance(value, list) and isinstance(like[-depth], int):
        for index, item in enumerate(value):
            yield from ((index, *inside) for inside in _same(item, depth - 1, like, kind))
    elif isinstance(value, Mapping) and like[-depth] in value:
        yield from ((like[-depth], *inside) for inside in _same(value[like[-depth]], depth - 1, like, kind))


def _at(place: Location, document: object) -> object:
    for part in place:
        document = _inside(document, part)
    return document


def _place(error: ErrorDetails, document: object) -> Iterator[str | int]:
    yield from _walk(error["loc"], document, absent=error["type"] == "missing")
    if error["type"] in TAGGED:
        # The fault is in the field that names the member of the union, not in the object around it.
        yield _discriminator(error)


def _walk(location: Location, document: object, *, absent: bool) -> Iterator[str | int]:
    """The parts of the location that exist in the document, and the last one if it is a field that is missing.

    Pydantic also puts the names of union members into a location; they stand nowhere in the document.
    """
    for index, part in enumerate(location):
        inner = _inside(document, part)
        if inner is not ABSENT:
            document = inner
            yield part
        elif absent and index == len(location) - 1:
            yield part


def _inside(document: object, part: str | int) -> object:
    if isinstance(document, Mapping):
        return document.get(part, ABSENT)
    if isinstance(document, list) and isinstance(part, int) and part < len(document):
        return document[part]
    return ABSENT


def _discriminator(error: ErrorDetails) -> str:
    return str(error["ctx"]["discriminator"]).strip("'")


def _sentence(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "union_tag_invalid":
        return f"Input should be one of {context['expected_tags']}."
    if kind in LENGTHS and "actual_length" in context:
        return LENGTHS[kind].format(**context)
    sentence = MENDED.get(kind) or error["msg"].removeprefix("Value error, ")
    if kind.endswith("_type") and error["input"] is None:
        sentence += ", not null"
    return sentence if sentence.endswith(".") else f"{sentence}."


def _joined(sentences: list[str]) -> str:
    first, *others = (sentence.rstrip(".") for sentence in sentences)
    if not first.startswith(SHOULD_BE):
        return " or ".join([first, *(other[:1].lower() + other[1:] for other in others)]) + "."
    return " or ".join([first, *(other.removeprefix(SHOULD_BE) for other in others)]) + "."
