"""The command `deltarule`: finds the command that was asked for, and turns every failure into a sentence."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    # Typer's own copy of click, which names the types that its groups pass on.
    from typer._click import Command, Context

TRAIN, RESULTS, SERVICE = "Train and predict", "Look and keep", "Run the service"


class Entry(NamedTuple):
    """A command that is not loaded yet: where it is written, what it does, the panel of `--help` it belongs to."""

    place: str
    sentence: str
    panel: str


ENTRIES = {
    "train": Entry("train:train", "Train a network on a table and show how it went.", TRAIN),
    "follow": Entry("attach:follow", "Follow a job to its end and show how it went.", TRAIN),
    "predict": Entry("predict:predict", "Let a trained model predict the rows of a CSV file.", TRAIN),
    "evaluate": Entry("evaluate:evaluate", "Measure a trained model on another table.", TRAIN),
    "export": Entry("models:export", "Save a trained model as a file.", TRAIN),
    "explain": Entry("explain:explain", "Show one step of backpropagation, every number of it.", TRAIN),
    "jobs": Entry("jobs:jobs", "List training jobs, newest first.", RESULTS),
    "job": Entry("jobs:job", "Show one job, or follow it to its end.", RESULTS),
    "history": Entry("history:history", "Show the loss history of a job.", RESULTS),
    "cancel": Entry("jobs:cancel", "Cancel a job; history and last weights are kept.", RESULTS),
    "models": Entry("models:models", "List trained models, newest first.", RESULTS),
    "model": Entry("models:model", "Show one model and how good it is.", RESULTS),
    "datasets": Entry("datasets:datasets", "List uploaded tables, newest first.", RESULTS),
    "dataset": Entry("datasets:dataset", "Show one uploaded table and its columns.", RESULTS),
    "upload": Entry("datasets:upload", "Upload a table, to train on it more than once.", RESULTS),
    "remove": Entry("remove:remove", "Remove a job, a model or a dataset.", RESULTS),
    "up": Entry("up:up", "Run the whole service on this machine.", SERVICE),
    "serve": Entry("serve:serve", "Run the HTTP API alone.", SERVICE),
    "work": Entry("work:work", "Run a worker alone.", SERVICE),
    "migrate": Entry("migrate:migrate", "Bring the database's tables up to this version.", SERVICE),
    "keys": Entry("keys:keys", "Add, list and revoke API keys.", SERVICE),
}


class Commands(TyperGroup):
    """Names and describes every command, and loads only the one that is called, so that `--help` is quick."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - handed on as Typer gives them
        super().__init__(**settings)
        for name, entry in ENTRIES.items():
            self.commands[name] = TyperCommand(name, help=entry.sentence, rich_help_panel=entry.panel)

    def resolve_command(self, ctx: "Context", args: list[str]) -> tuple[str | None, "Command | None", list[str]]:
        """The command itself in place of its outline."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else None, rest


def load(name: str) -> "Command":
    """The command of this name, imported now."""
    module, attribute = ENTRIES[name].place.split(":")
    command = getattr(import_module(f"deltarule.cli.{module}"), attribute)
    if not isinstance(command, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(command)
        command = single
    return typer.main.get_command(command)


app = typer.Typer(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"deltarule {version('deltarule')}")
        raise typer.Exit


@app.callback()
def deltarule(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Train small neural networks on a service of your own, and see how backpropagation does it.

    Begin with `deltarule up` in one terminal and `deltarule train FILE --target COLUMN` in another.

    Without a service: `deltarule train FILE --target COLUMN --local`.
    """


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and answer its exit code.

    0: done. 1: the job failed. 2: wrong usage, or refused by the service. 3: the service is not reachable.
    """
    try:
        code = typer.main.get_command(app)(list(arguments) or ["--help"], "deltarule", standalone_mode=False)
    except SystemExit as ending:
        # Whoever read our output has gone, as `head` does. Typer and Rich call that 1, which here means a failed job.
        if not isinstance(ending.__context__, BrokenPipeError):
            raise
        code = 0
    except (Exception, KeyboardInterrupt) as error:
        # Loaded only now: most command lines go well.
        code = import_module("deltarule.cli.failures").report(error)
    return code if isinstance(code, int) else 0


def main() -> None:
    """What the installed script `deltarule` calls."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
