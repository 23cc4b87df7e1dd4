"""The hands of the routes: what the app was composed of, for the length of its life."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from deltarule.store.blobs import Blobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.idempotency import Answers
from deltarule.store.jobs import Jobs
from deltarule.store.keys import Keys
from deltarule.store.models import Models
from deltarule.store.requests import Requests
from deltarule.store.sessions import Sessions
from deltarule.store.settings import Settings
from service.metrics import Metrics
from service.queue import Doorbell
from service.streams import Streams
from service.trained import TrainedModels
from service.waiting import Waiting

NAME = "deltarule"


@dataclass(frozen=True, slots=True)
class Services:
    """Store, doorbell and what is kept between requests; all of it may be used by many threads at once."""

    settings: Settings
    database: Database
    blobs: Blobs
    keys: Keys
    sessions: Sessions
    datasets: Datasets
    jobs: Jobs
    models: Models
    requests: Requests
    answers: Answers
    doorbell: Doorbell
    trained: TrainedModels
    waiting: Waiting
    streams: Streams
    metrics: Metrics


def services() -> Services:
    """Those of the app that serves this request."""
    return cast("Services", current_app.extensions[NAME])
