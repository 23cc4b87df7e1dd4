"""Where the lessons lie: in `examples/lessons` of a source tree, in an installed package beside this file."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from deltarule.training.lessons.lesson import Lesson

HERE = Path(__file__).resolve()
PLACES = (HERE.with_name("files"), HERE.parents[3] / "examples" / "lessons")


@cache
def lessons() -> Mapping[str, Lesson]:
    """All lessons by the name of their file, in the order in which they are read.

    Raises:
        ValueError: a file is none, or there are none.
    """
    files = [file for place in PLACES for file in sorted(place.glob("*.json"))]
    if not files:
        raise ValueError("There are no lessons: the package was installed without its files; install it anew.")
    return MappingProxyType({file.stem: _read(file) for file in files})


def _read(file: Path) -> Lesson:
    try:
        return Lesson.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise ValueError(f"The lesson {file.name} is none: {error}") from error
