"""Which answer leads where: the links of the OpenAPI document, which programs may follow without having read it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

Link = Mapping[str, Any]

ID = "$response.body#/id"
WAIT_SECONDS = "20"
DATASETS = MappingProxyType(
    {
        "describe": "get_datasets_describe_dataset",
        "preview": "get_datasets_preview_dataset",
        "content": "get_datasets_download_dataset",
        "remove": "delete_datasets_remove_dataset",
    }
)
JOBS = MappingProxyType(
    {
        "describe": "get_jobs_describe_job",
        "history": "get_history_history",
        "events": "get_events_job_events",
        "cancel": "post_jobs_cancel_job",
        "remove": "delete_jobs_remove_job",
    }
)
MODELS = MappingProxyType(
    {
        "describe": "get_models_describe_model",
        "predict": "post_predictions_predict",
        "evaluate": "post_predictions_evaluate",
        "remove": "delete_models_remove_model",
    }
)


def _to(operations: Mapping[str, str], parameter: str, expression: str, *but: str) -> Iterator[tuple[str, Link]]:
    for name, operation in operations.items():
        if name not in but:
            yield name, {"operationId": operation, "parameters": {parameter: expression}}


def _only(name: str, operations: Mapping[str, str], parameter: str, expression: str) -> tuple[str, Link]:
    return name, {"operationId": operations["describe"], "parameters": {parameter: expression}}


def _bodied(name: str, operation: str, description: str) -> tuple[str, Link]:
    """A link whose value goes into the body, among others that only its user knows."""
    return name, {"operationId": operation, "description": description}


LEARNT = (
    _bodied("queue", "post_jobs_queue_job", "`id` is the job's `dataset_id`."),
    _bodied("validate", "post_jobs_validate_job", "`id` is the job's `dataset_id`."),
)
POLLED: tuple[str, Link] = (
    "wait",
    {"operationId": JOBS["describe"], "parameters": {"job_id": ID, "wait": WAIT_SECONDS}},
)
EXPORTED: tuple[str, Link] = (
    "export",
    {"operationId": "get_models_export_model", "parameters": {"model_id": ID, "format": "json"}},
)
LINKS: Mapping[tuple[str, int], Mapping[str, Link]] = MappingProxyType(
    {
        ("post_datasets_upload_dataset", 201): dict([*_to(DATASETS, "dataset_id", ID), *LEARNT]),
        (DATASETS["describe"], 200): dict([*_to(DATASETS, "dataset_id", ID, "describe"), *LEARNT]),
        ("post_jobs_queue_job", 202): dict([*_to(JOBS, "job_id", ID), POLLED]),
        (JOBS["describe"], 200): dict(
            [
                *_to(JOBS, "job_id", ID, "describe"),
                POLLED,
                _only("dataset", DATASETS, "dataset_id", "$response.body#/spec/dataset_id"),
                _only("model", MODELS, "model_id", "$response.body#/model_id"),
            ]
        ),
        (MODELS["describe"], 200): dict(
            [
                *_to(MODELS, "model_id", ID, "describe"),
                EXPORTED,
                _only("job", JOBS, "job_id", "$response.body#/job_id"),
                _bodied("explain", "post_explanations_explain_step", "`id` is the network's `model_id`."),
            ]
        ),
    }
)
"""By operation and status, what each answer leads to."""


def link(operation: dict[str, Any]) -> None:
    """Put the links of this operation of the document beside its answers."""
    for status, response in operation["responses"].items():
        if links := LINKS.get((operation["operationId"], int(status))):
            response["links"] = {name: dict(target) for name, target in links.items()}
