"""Ids that the shell completes, asked of the service: quickly, and silently where it does not answer."""

import os
from collections.abc import Callable

MOST = 50
PATIENCE_SECONDS = 1.0
KINDS = ("jobs", "models", "datasets")


def job_id(incomplete: str) -> list[tuple[str, str]]:
    """Jobs whose id begins so, newest first, each with its name and status."""
    return _ids("jobs", incomplete, lambda job: f"{job['name'] or 'a job'}, {job['status']}")


def model_id(incomplete: str) -> list[tuple[str, str]]:
    """Models whose id begins so, newest first, each with its name and task."""
    return _ids("models", incomplete, lambda model: f"{model['name'] or 'a model'}, {model['task']}")


def dataset_id(incomplete: str) -> list[tuple[str, str]]:
    """Datasets whose id begins so, newest first, each with its name and rows."""
    return _ids("datasets", incomplete, lambda dataset: f"{dataset['name'] or 'a dataset'}, {dataset['rows']} rows")


def any_id(incomplete: str) -> list[tuple[str, str]]:
    """Everything whose id begins so."""
    return [*job_id(incomplete), *model_id(incomplete), *dataset_id(incomplete)]


def _ids(kind: str, incomplete: str, words: Callable[[dict[str, str]], str]) -> list[tuple[str, str]]:
    try:
        # Loaded by the few commands that complete an id, and not by every `--help`.
        import httpx  # noqa: PLC0415

        from deltarule.client.settings import ClientSettings  # noqa: PLC0415

        settings = ClientSettings.read()
        headers = {"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
        address = f"{settings.url}/v1/{kind}"
        answer = httpx.get(
            address,
            params={"limit": MOST},
            headers=headers,
            timeout=PATIENCE_SECONDS,
            trust_env=not settings.is_loopback,
        )
        items = answer.raise_for_status().json()["items"]
        return [(each["id"], words(each)) for each in items if each["id"].startswith(incomplete)]
    except Exception:  # whatever it is, a person who presses a key must not be shown it
        if os.environ.get("DELTARULE_LOG_LEVEL") == "debug":
            raise
        return []
