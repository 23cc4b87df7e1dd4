"""From where pydantic met a fault to where the user wrote it: a JSON Pointer into the document that was posted."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic_core import ErrorDetails

from deltarule.backprop.errors import Fault

Location = tuple[str | int, ...]
ABSENT = object()
TAGGED = frozenset({"union_tag_invalid", "union_tag_not_found"})
MENDED = {
    "extra_forbidden": "There is no such field.",
    "missing": "This field is required.",
    "union_tag_not_found": "This field is required.",
    "finite_number": "The value must be a finite number; NaN and infinity are none.",
}


def pointer(parts: Iterable[str | int]) -> str:
    """The JSON Pointer (RFC 6901) of these keys and indices."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def faults(errors: Iterable[ErrorDetails], document: object) -> tuple[Fault, ...]:
    """The faults that pydantic found in `document`, one for each place.

    What several readings of one value said is joined by "or".
    """
    found: dict[str, list[str]] = {}
    for error in _own(list(errors)):
        sentences = found.setdefault(pointer(_place(error, document)), [])
        if (sentence := _sentence(error)) not in sentences:
            sentences.append(sentence)
    # Of several readings of one value, the one that got inside it is the one that was meant.
    outer = {place for place in found if place and any(other.startswith(f"{place}/") for other in found)}
    return tuple(Fault(place, _joined(sentences)) for place, sentences in found.items() if place not in outer)


def _own(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The errors without those that only follow from others: a list is too short once its wrong items are left out."""
    for error in errors:
        here = error["loc"]
        if error["type"] == "too_short" and any(
            other["loc"][: len(here)] == here for other in errors if other is not error
        ):
            continue
        yield error


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
    if error["type"] == "union_tag_invalid":
        names = error["ctx"]["expected_tags"]
        return f"Input should be one of {names}."
    sentence = MENDED.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return sentence if sentence.endswith(".") else f"{sentence}."


def _joined(sentences: list[str]) -> str:
    first, *others = (sentence.rstrip(".") for sentence in sentences)
    return " or ".join([first, *(other[:1].lower() + other[1:] for other in others)]) + "."
