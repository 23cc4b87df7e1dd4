"""From a job's row to a run that can begin: its spec, its tables, the model it goes on from."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

from deltarule.store.blobs import Blobs
from deltarule.store.datasets import Datasets
from deltarule.store.engines import to_json
from deltarule.store.errors import NotFound
from deltarule.store.models import Models
from deltarule.store.records import Dataset, Job
from deltarule.training.model import Model
from deltarule.training.run import Run
from deltarule.training.spec import Spec
from deltarule.training.tables import Format, Schema, Stream, Table, read, stream

SMALL_BYTES = 256 * 1024
PACKED: frozenset[Format] = frozenset({"parquet", "npz"})
"""Whose tables may be a thousand times as large as their bytes, and are not kept however few these are."""
TABLES_KEPT = 16
"""Tables of up to `SMALL_BYTES` that stay parsed: jobs on the same data come one after the other."""


class Preparation:
    """Reads what jobs name from the store."""

    def __init__(self, datasets: Datasets, models: Models, blobs: Blobs) -> None:
        self._datasets = datasets
        self._models = models
        self._blobs = blobs
        # What lies under a key is never changed. Of each preparation's own, because it belongs to its blobs.
        self._small_table = lru_cache(maxsize=TABLES_KEPT)(self._read)

    def __call__(self, job: Job) -> Run:
        """The job's run, at its start.

        Raises NotFound for what was removed, DataError for what cannot be read or trained on, ScratchError for a disk
        too full for data that does not fit in memory, Unavailable.
        """
        if job.dataset_id is None:
            raise NotFound("dataset", "")
        spec = Spec.model_validate_json(to_json(job.spec))
        rows = self._table if spec.training.shuffle_block is None else self._stream
        # A run has taken what it needs of the files once it stands at its start.
        with ExitStack() as files:
            table = rows(files, self._datasets.get(job.owner, job.dataset_id))
            other = job.validation_dataset_id
            validation = rows(files, self._datasets.get(job.owner, other)) if other else None
            continued = self._model(job.owner, job.continued_model_id) if job.continued_model_id else None
            return Run(spec, table, validation, continued)

    def _table(self, _: ExitStack, dataset: Dataset) -> Table:
        """The rows of a dataset in memory."""
        form = _schema(dataset).format
        small = dataset.bytes <= SMALL_BYTES and form not in PACKED
        read_table = self._small_table if small else self._read
        return read_table(dataset.id, dataset.blob_key, dataset.bytes, form)

    def _read(self, identifier: str, key: str, size: int, form: Format) -> Table:
        with self._local(identifier, key, size) as path:
            return read(path, form)

    def _stream(self, files: ExitStack, dataset: Dataset) -> Stream:
        """The rows of a dataset that does not fit in memory."""
        schema = _schema(dataset)
        path = files.enter_context(self._local(dataset.id, dataset.blob_key, dataset.bytes))
        return stream(path, schema.format, schema)

    @contextmanager
    def _local(self, identifier: str, key: str, size: int) -> Iterator[Path]:
        """The file with a dataset's bytes; raises NotFound for the dataset when they are gone."""
        with ExitStack() as file:
            try:
                path = file.enter_context(self._blobs.local(key, size))
            except NotFound as error:
                raise NotFound("dataset", identifier) from error
            yield path

    def _model(self, owner: str | None, identifier: str) -> Model:
        return Model.from_bytes(self._models.content(owner, identifier))


def _schema(dataset: Dataset) -> Schema:
    fields = {"format": dataset.format, "rows": dataset.rows, "columns": dataset.columns}
    return Schema.model_validate(fields | {"targets": dataset.targets})
