"""From a job's row to a run that can begin: its spec, its tables, the model it goes on from."""

from typing import cast

from deltarule.store.blobs import Blobs
from deltarule.store.datasets import Datasets
from deltarule.store.engines import to_json
from deltarule.store.errors import NotFound
from deltarule.store.models import Models
from deltarule.store.records import Job
from deltarule.training.model import Model
from deltarule.training.run import Run
from deltarule.training.spec import Spec
from deltarule.training.tables import Format, Table, read


class Preparation:
    """Reads what jobs name from the store."""

    def __init__(self, datasets: Datasets, models: Models, blobs: Blobs) -> None:
        self._datasets = datasets
        self._models = models
        self._blobs = blobs

    def __call__(self, job: Job) -> Run:
        """The job's run, at its start.

        Raises NotFound for what was removed, DataError for what cannot be read or trained on, Unavailable.
        """
        table = self._table(job.owner, job.dataset_id)
        validation = self._table(job.owner, job.validation_dataset_id) if job.validation_dataset_id else None
        continued = self._model(job.owner, job.continued_model_id) if job.continued_model_id else None
        return Run(Spec.model_validate_json(to_json(job.spec)), table, validation, continued)

    def _table(self, owner: str | None, identifier: str | None) -> Table:
        if identifier is None:
            raise NotFound("dataset", "")
        dataset = self._datasets.get(owner, identifier)
        try:
            return read(self._blobs.path(dataset.blob_key), cast("Format", dataset.format))
        except NotFound as error:
            raise NotFound("dataset", identifier) from error

    def _model(self, owner: str | None, identifier: str) -> Model:
        return Model.from_bytes(self._models.content(owner, identifier))
