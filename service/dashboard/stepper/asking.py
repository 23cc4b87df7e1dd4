"""What can be explained, as documents that `POST /v1/explanations` takes: presets, and rows of trained models."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from deltarule.backprop.errors import Fault
from deltarule.store.records import Dataset, Job, Model
from deltarule.training.lessons import lessons
from service.errors import Invalid
from service.examples import EXPLANATIONS
from service.services import Services
from service.tables import first_rows

Document = Mapping[str, Any]
FARTHEST_ROW = 200
VANISHING = lessons()["2_vanishing"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A network that is there at a click, and another one to compare it with, each with what it is called."""

    title: str
    document: Document
    beside: tuple[str, Document] | None = None


def presets() -> Mapping[str, Preset]:
    """The presets, by their name in the address."""
    cured = "Ten ReLU layers, He's weights", _of_lesson("relu")
    return MappingProxyType(
        {
            "three-layers": Preset("2-2-3-1, sigmoid", EXPLANATIONS["three layers"]["value"]),
            "two-layers": Preset("M. Mazur's example", EXPLANATIONS["two layers"]["value"]),
            "vanishing": Preset("Vanishing gradients: ten sigmoid layers, ten of ReLU", _of_lesson("sigmoid"), cured),
        }
    )


def of_model(services: Services, owner: str | None, model_id: str, row: int) -> Document:
    """A row (from 1) of the data that a model was trained on, with the optimizer of its job.

    Raises:
        NotFound: no such model, or nothing left of its data.
        Invalid: its job, its data or this row are not there.
    """
    form = services.trained.get(owner, model_id).form
    job, dataset = _origin(services, owner, services.models.get(owner, model_id))
    rows = first_rows(dataset, services.blobs, min(row, FARTHEST_ROW))
    if len(rows) < row:
        raise _unknown(f"There is no row {row} here; choose one of the first {len(rows)}, or type one in.")
    wanted = (*form.inputs.names, *form.target.names)
    return {
        "model_id": model_id,
        "rows": [{name: rows[row - 1].get(name) for name in wanted}],
        "optimizer": job.spec["optimizer"],
    }


def written(document: Document) -> str:
    """The document as people edit it: a line for each part of it, and for each layer."""
    parts = (f'  "{name}": {_layered(value)}' for name, value in document.items())
    return "{\n" + ",\n".join(parts) + "\n}"


def _layered(value: object) -> str:
    if not isinstance(value, Mapping) or "layers" not in value:
        return json.dumps(value, ensure_ascii=False)
    others = "".join(f"{json.dumps(name)}: {json.dumps(one)}, " for name, one in value.items() if name != "layers")
    layers = ",\n".join(f"    {json.dumps(layer)}" for layer in value["layers"])
    return f'{{{others}"layers": [\n{layers}\n  ]}}'


def _of_lesson(name: str) -> Document:
    """The network of a lesson's job, on the first of its rows, with the weights that the job begins with."""
    posted = VANISHING.jobs[name].model_dump(mode="json", exclude_unset=True)
    data = posted["data"]
    return {
        **{part: posted[part] for part in ("network", "loss", "optimizer")},
        "seed": posted["training"]["seed"],
        "inputs": data["inputs"][:1],
        "targets": data["targets"][:1],
    }


def _origin(services: Services, owner: str | None, model: Model) -> tuple[Job, Dataset]:
    """The job that made a model, and the dataset that it was trained on."""
    if model.job_id is None:
        raise _unknown("The job of this model was removed, so its data are not known; type a row in.")
    job = services.jobs.get(owner, model.job_id)
    if job.dataset_id is None:
        raise _unknown("The data of this model were removed; type a row in.")
    return job, services.datasets.get(owner, job.dataset_id)


def _unknown(words: str) -> Invalid:
    return Invalid([Fault("", words)])
