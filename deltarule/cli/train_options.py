"""What can be said of a training run on the command line; a job in a file can say the rest."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deltarule.cli.completion import dataset_id
from deltarule.cli.models import SUFFIXES

DATA, NETWORK = "Data", "Network and training"


def _option(*names: str, panel: str, **more: Any) -> Any:  # noqa: ANN401 - handed on to Typer, which returns anything
    return typer.Option(*names, rich_help_panel=panel, show_default=False, **more)


File = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="The table: .csv, .parquet, .npz, .json, .ndjson.", show_default=False),
]
DatasetOption = Annotated[
    str | None,
    _option(
        "--dataset", panel=DATA, metavar="ID", help="An uploaded table in place of FILE.", autocompletion=dataset_id
    ),
]
Target = Annotated[
    list[str] | None,
    _option("--target", "-t", panel=DATA, metavar="COLUMN", help="Column to predict; repeat for several."),
]
Features = Annotated[
    str | None,
    _option("--features", panel=DATA, metavar="A,B,…", help="Columns to learn from; else all others."),
]
SampleWeight = Annotated[
    str | None, _option("--sample-weight", panel=DATA, metavar="COLUMN", help="Column that says how much a row counts.")
]
Validation = Annotated[
    float | None,
    _option(
        "--validation", panel=DATA, metavar="0.2", min=0, max=1, help="Share of the rows held back to validate on."
    ),
]
Task = Annotated[
    str | None,
    _option("--task", panel=DATA, help="classification, regression or multilabel; else found out.", metavar="NAME"),
]
Layers = Annotated[
    str | None,
    _option(
        "--layers",
        panel=NETWORK,
        metavar="32:relu,16:tanh",
        help="Hidden layers, and a third part for dropout: 32:relu:0.1. The output layer is added.",
    ),
]
Epochs = Annotated[int | None, _option("--epochs", panel=NETWORK, min=1, metavar="N", help="Most epochs to train.")]
BatchSize = Annotated[str | None, _option("--batch-size", panel=NETWORK, help="Rows in a batch, or full.", metavar="N")]
Optimizer = Annotated[
    str | None,
    _option("--optimizer", panel=NETWORK, metavar="adam:0.005", help="Optimizer, and its learning rate."),
]
Loss = Annotated[
    str | None, _option("--loss", panel=NETWORK, help="Loss, such as cross_entropy or huber.", metavar="NAME")
]
Patience = Annotated[
    int | None,
    _option(
        "--patience",
        panel=NETWORK,
        min=0,
        metavar="N",
        help="Stop when the validation loss has not fallen for so many epochs; 0 never stops early.",
    ),
]
Balanced = Annotated[
    bool, _option("--balanced", panel=NETWORK, help="Let rare classes count as much as frequent ones.")
]
Seed = Annotated[int | None, _option("--seed", panel=NETWORK, min=0, metavar="N", help="Settles every random choice.")]
Name = Annotated[str | None, typer.Option(help="Name of the job; else the file's.", metavar="TEXT", show_default=False)]
SpecFile = Annotated[
    Path | None,
    typer.Option(
        "--spec",
        metavar="FILE",
        help="A job in full, as JSON or YAML; options are written over it.",
        show_default=False,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help=f"Save the model: {', '.join(SUFFIXES)}.", show_default=False),
]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Queue the job, print its id, and do not wait for it.")]


def plan(
    base: dict[str, Any],
    *,
    epochs: int | None,
    batch_size: str | None,
    seed: int | None,
    validation: float | None,
    patience: int | None,
    balanced: bool,
) -> dict[str, Any]:
    """The part `training` of a job, as far as these options say it, over that of `base`."""
    given = {
        "epochs": epochs,
        "batch_size": int(batch_size) if batch_size and batch_size.isdecimal() else batch_size,
        "seed": seed,
        "validation_fraction": validation,
        "class_weight": "balanced" if balanced else None,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    return chosen if patience is None else {**chosen, "early_stopping": _stopping(base, patience)}


def _stopping(base: dict[str, Any], patience: int) -> dict[str, Any] | None:
    before = base.get("training")
    rule = before.get("early_stopping") if isinstance(before, dict) else None
    return {**(rule if isinstance(rule, dict) else {}), "patience": patience} if patience else None


def columns(text: str | None) -> list[str] | None:
    """The columns of `a,b`."""
    return [name.strip() for name in text.split(",") if name.strip()] if text is not None else None
