"""From a job's row to a run that can begin: its spec, its tables, the model it goes on from."""

from contextlib import ExitStack
from pathlib import Path

from deltarule.store.blobs import Blobs
from deltarule.store.datasets import Datasets
from deltarule.store.engines import to_json
from deltarule.store.errors import NotFound
from deltarule.store.models import Models
from deltarule.store.records import Job
from deltarule.training.model import Model
from deltarule.training.run import Run
from deltarule.training.spec import Spec
from deltarule.training.tables import Schema, Stream, Table, read, stream


class Preparation:
    """Reads what jobs name from the store."""

    def __init__(self, datasets: Datasets, models: Models, blobs: Blobs) -> None:
        self._datasets = datasets
        self._models = models
        self._blobs = blobs

    def __call__(self, job: Job) -> Run:
        """The job's run, at its start.

        Raises NotFound for what was removed, DataError for what cannot be read or trained on, ScratchError for a disk
        too full for data that does not fit in memory, Unavailable.
        """
        if job.dataset_id is None:
            raise NotFound("dataset", "")
        spec = Spec.model_validate_json(to_json(job.spec))
        rows = _table if spec.training.shuffle_block is None else _stream
        # A run has taken what it needs of the files once it stands at its start.
        with ExitStack() as files:
            table = rows(*self._described(files, job.owner, job.dataset_id))
            other = job.validation_dataset_id
            validation = rows(*self._described(files, job.owner, other)) if other else None
            continued = self._model(job.owner, job.continued_model_id) if job.continued_model_id else None
            return Run(spec, table, validation, continued)

    def _described(self, files: ExitStack, owner: str | None, identifier: str) -> tuple[Path, Schema]:
        dataset = self._datasets.get(owner, identifier)
        fields = {"format": dataset.format, "rows": dataset.rows, "columns": dataset.columns}
        schema = Schema.model_validate(fields | {"targets": dataset.targets})
        try:
            return files.enter_context(self._blobs.local(dataset.blob_key, dataset.bytes)), schema
        except NotFound as error:
            raise NotFound("dataset", identifier) from error

    def _model(self, owner: str | None, identifier: str) -> Model:
        return Model.from_bytes(self._models.content(owner, identifier))


def _table(path: Path, schema: Schema) -> Table:
    """The rows of a dataset in memory."""
    return read(path, schema.format)


def _stream(path: Path, schema: Schema) -> Stream:
    """The rows of a dataset that does not fit in memory."""
    return stream(path, schema.format, schema)
