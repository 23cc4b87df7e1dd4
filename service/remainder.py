"""A job whose shape is wrong in one place may be wrong in meaning in another: both are told at once."""

import json
from collections.abc import Sequence

from pydantic import ValidationError

from deltarule.backprop.errors import Fault
from deltarule.training.errors import SpecError
from deltarule.training.spec import Spec
from service.authentication import owner
from service.errors import Invalid
from service.parsing import SECOND_LOOKS
from service.services import services
from service.submission import prepare

SETTLING = frozenset({"", "dataset_id", "data", "target", "features", "sample_weight", "task"})
"""What the rest is judged by: where one of these cannot be read, nothing more can be said."""


def look_twice() -> None:
    """Let a job that cannot be read in full be judged by what can."""
    SECOND_LOOKS[Spec] = further_faults


def further_faults(document: object, found: Sequence[Fault]) -> tuple[Fault, ...]:
    """What is wrong with those sections of a posted job in which nothing was found yet.

    A section is a field of the job. Those with a fault are left out, so that their defaults stand in for them; nothing
    is said about a section that was left out.
    """
    faulty = {_section(fault) for fault in found}
    if not isinstance(document, dict) or faulty & SETTLING:
        return ()
    remainder = {name: value for name, value in document.items() if name not in faulty}
    return tuple(fault for fault in _faults(remainder) if _section(fault) not in faulty)


def _faults(remainder: dict[str, object]) -> Sequence[Fault]:
    try:
        prepare(services(), owner(), Spec.model_validate_json(json.dumps(remainder)))
    except (SpecError, Invalid) as error:
        return error.faults
    except ValidationError:
        # What was left out was needed for the rest to be read.
        return ()
    return ()


def _section(fault: Fault) -> str:
    return fault.pointer.removeprefix("/").partition("/")[0]
