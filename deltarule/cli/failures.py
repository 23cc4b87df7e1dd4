"""Every failure in a sentence and a hint, with the exit code that scripts can rely on; never a traceback."""

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from deltarule.cli.output import say
from deltarule.client.errors import ClientError, JobFailed, Refused, ServiceFault, UnexpectedAnswer, Unreachable

JOB_FAILED, WRONG_USAGE, NOT_REACHABLE, INTERRUPTED = 1, 2, 3, 130


class CommandError(Exception):
    """What a command cannot do, found out before the service was asked."""

    def __init__(self, sentence: str, hint: str | None = None, code: int = WRONG_USAGE) -> None:
        self.failure = Failure(sentence, hint, code)
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure as people hear it: a sentence, a hint, and one line for each fault found."""

    sentence: str
    hint: str | None
    code: int
    faults: tuple[str, ...] = field(default=())


def report(error: BaseException) -> int:
    """Say on stderr what went wrong, and answer the exit code."""
    failure = failure_of(error)
    say(Text.assemble(("error: ", "bold red"), failure.sentence), prose=True)
    for fault in failure.faults:
        say(Text(f"  {fault}"))
    if failure.hint:
        say(Text.assemble(("hint: ", "bold cyan"), failure.hint), prose=True)
    return failure.code


def failure_of(error: BaseException) -> Failure:
    """What this error means to the one at the keyboard."""
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[Any], Failure]], ...] = (
        (CommandError, lambda error: error.failure),
        (ClientError, _of_client),
        (typer.TyperException, _of_usage),
        ((KeyboardInterrupt, typer.Abort), lambda _: Failure("Interrupted.", None, INTERRUPTED)),
        (_store_errors(), _of_store),
        (OSError, _of_system),
    )
    explain = next((explain for kind, explain in kinds if isinstance(error, kind)), _of_our_own)
    return explain(error)


def _of_client(error: ClientError) -> Failure:
    if isinstance(error, Unreachable | UnexpectedAnswer | ServiceFault):
        return Failure(error.sentence, error.hint, NOT_REACHABLE)
    if isinstance(error, JobFailed):
        return Failure(error.sentence, error.hint, JOB_FAILED)
    faults = error.faults if isinstance(error, Refused) else ()
    if [fault.detail for fault in faults] == [error.sentence]:
        pointer = faults[0].pointer
        return Failure(error.sentence, f"The place is {pointer}." if pointer else error.hint, WRONG_USAGE)
    lines = tuple(f"{fault.pointer}: {fault.detail}" if fault.pointer else fault.detail for fault in faults)
    return Failure(error.sentence, error.hint, WRONG_USAGE, lines)


def _of_usage(error: typer.TyperException) -> Failure:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "deltarule"
    return Failure(error.format_message(), f"`{command} --help` tells how it is used.", error.exit_code)


def _store_errors() -> tuple[type[BaseException], ...]:
    # Looked up, not imported: a command that never came near the store need not wait for SQLAlchemy to say what failed.
    module = sys.modules.get("deltarule.store.errors")
    return (module.StoreError,) if module else ()


def _of_store(error: Exception) -> Failure:
    unavailable = isinstance(error, sys.modules["deltarule.store.errors"].Unavailable)
    return Failure(str(error), None, NOT_REACHABLE if unavailable else WRONG_USAGE)


def _of_system(error: OSError) -> Failure:
    place = f"{error.filename}: " if error.filename else ""
    return Failure(f"{place}{error.strerror or error}.", None, WRONG_USAGE)


def _of_our_own(error: BaseException) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    sentence = f"Deltarule made a mistake of its own: {type(error).__name__}: {error}{place}."
    return Failure(sentence, "Please report it, with the command that you gave.", JOB_FAILED)
