"""What the service thinks of a job that is being written, by the same functions as `POST /v1/jobs/validate`."""

import json
from collections.abc import Sequence
from hashlib import sha256

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from deltarule.backprop.errors import DefinitionError, Fault
from deltarule.store.errors import Replayed
from deltarule.store.records import Idempotency
from deltarule.training.errors import DataError, SpecError
from deltarule.training.spec import Spec
from service.authentication import owner
from service.dashboard.amounts import count, duration, size
from service.dashboard.drafts import TARGET, Document
from service.dashboard.fields import words
from service.dashboard.layering import described
from service.dashboard.parts import Content, facts
from service.errors import Invalid
from service.parsing import parse_json
from service.schemas.jobs import Validation
from service.services import services
from service.submission import Prepared, accepted, prepare, submit, validation

NO_DATA = "Choose a table, or upload one."
NO_TARGET = "Choose what to predict."


def judged(document: Document) -> tuple[Validation | None, tuple[Fault, ...]]:
    """What the job would be and take, or everything that is wrong with it."""
    try:
        return validation(_prepared(document)), ()
    except (Invalid, SpecError, DataError, DefinitionError) as error:
        return None, error.faults


def queued(document: Document, token: object) -> str:
    """Queue the job, once for each page that was opened, however often its button is pressed; answers its id."""
    digest = sha256(repr((token, document)).encode()).hexdigest()
    try:
        return submit(services(), owner(), _prepared(document), Idempotency(digest, digest, accepted)).id
    except Replayed as replayed:
        return (replayed.answer.location or "").rpartition("/")[2]


def lacking(document: Document) -> str | None:
    """What has to be chosen first, before faults mean anything."""
    if "dataset_id" not in document:
        return NO_DATA
    goes_on = "model_id" in document.get("network", {})
    return NO_TARGET if "target" not in document and not goes_on else None


def worth_telling(faults: Sequence[Fault], lacks: str | None) -> list[Fault]:
    """The faults without that of a choice that has not been made yet."""
    if lacks == NO_DATA:
        return []
    return [fault for fault in faults if not (lacks and fault.pointer == TARGET)]


def verdict(found: Validation | None, faults: int, others: Sequence[str], lacks: str | None) -> Component:
    """The same in words; `others` are the faults that no field shows."""
    if lacks:
        return dmc.Stack([dmc.Text(lacks), *_wrong(faults, others)], gap="sm")
    if found is None:
        return dmc.Stack(_wrong(faults, others), gap="sm")
    warnings = [dmc.Alert(each, color="yellow", variant="outline", className="warning") for each in found.warnings]
    return dmc.Stack([facts(_told(found)), *warnings], gap="sm")


def _prepared(document: Document) -> Prepared:
    return prepare(services(), owner(), parse_json(Spec, json.dumps(document).encode()))


def _wrong(faults: int, others: Sequence[str]) -> list[Component]:
    if not faults:
        return []
    told = "One thing has to be changed" if faults == 1 else f"{faults} things have to be changed"
    place = "" if others else "; its field says what." if faults == 1 else "; their fields say what."
    return [dmc.Text(told + (place or ":"), className="wrong"), *(html.P(each, className="wrong") for each in others)]


def _told(found: Validation) -> dict[str, Content]:
    spec, expected = found.spec, found.estimate
    layers = spec["network"]["layers"]
    plan = spec["training"]
    batch = "all rows" if plan["batch_size"] == "full" else f"batches of {count(plan['batch_size'])}"
    told: dict[str, Content] = {"Task": words(spec["task"])}
    if layers:
        told["Layers"] = described(layers)
    return told | {
        "Parameters": count(expected.parameters),
        "Loss": words(spec["loss"]["name"]),
        "Optimizer": f"{words(spec['optimizer']['name'])}, learning rate {spec['optimizer']['learning_rate']:g}",
        "Epochs": f"up to {count(plan['epochs'])}, {batch}"
        if plan["early_stopping"]
        else f"{count(plan['epochs'])}, {batch}",
        "Memory": f"about {size(expected.memory_bytes)}",
        "Time": f"{_about(expected.seconds)}",
    }


def _about(seconds: float | None) -> str:
    told = duration(seconds) if seconds is not None else "not known"
    return told if told.startswith(("under", "not")) else f"about {told} on one core"
