"""One model on one screen: what it takes, what it says, how good it is."""

from rich.console import RenderableType

from deltarule.cli.display.metrics import figures
from deltarule.cli.display.tables import facts, spaced
from deltarule.cli.display.words import ago, layers, size
from deltarule.client.answers import ModelAnswer

SHOWN_INPUTS = 30


def model_facts(model: ModelAnswer) -> RenderableType:
    """Everything about a model that fits on one screen; `--json` has the rest."""
    names = [column.name for column in model.inputs]
    more = f" and {len(names) - SHOWN_INPUTS} more" if len(names) > SHOWN_INPUTS else ""
    told = facts(
        [
            ("model", model.id),
            ("name", model.name),
            ("made", ago(model.created_at)),
            ("task", f"{model.task} of {', '.join(model.target)}"),
            ("inputs", ", ".join(names[:SHOWN_INPUTS]) + more),
            ("network", layers(model.network)),
            ("size", f"{model.parameters:,} parameters, {size(model.bytes)}"),
            ("sha256", model.sha256),
            ("job", model.job_id),
        ]
    )
    return spaced([told, *figures(model.metrics)])
