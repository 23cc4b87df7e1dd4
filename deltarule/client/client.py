"""The service in a program's hands: upload a table, train on it, and get a job that becomes a model."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

import httpx

from deltarule.client.answers import Dataset, Document
from deltarule.client.errors import ClientError, InvalidInput, Refused, Unreachable
from deltarule.client.job import Job
from deltarule.client.model import Model
from deltarule.client.pairing import Data, Table, Target, paired
from deltarule.client.sending import uploaded
from deltarule.client.session import Session
from deltarule.client.settings import ClientSettings
from deltarule.client.specification import Layers, specification
from deltarule.client.transport import Request, Transport


class Client:
    """A connection to one service.

    `url` and `api_key` default to `DELTARULE_URL` and `DELTARULE_API_KEY`, and these to `http://127.0.0.1:8080`
    without a key. Use it in a `with` block, or `close` it. Every method raises the errors of `deltarule.client`:
    Unreachable, Unauthorized, NotFound, Refused, ServiceFault, UnexpectedAnswer, InvalidInput; all are ClientErrors.
    """

    def __init__(
        self, url: str | None = None, api_key: str | None = None, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._transport = Transport(ClientSettings.read(url, api_key), transport=transport)
        self._session = Session(self._transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __deepcopy__(self, _: object) -> Self:
        """A connection is shared, not copied: estimators are cloned with theirs."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process gets a connection to the same address, with the key of its own environment."""
        return type(self), (self.url,)

    def close(self) -> None:
        """Close its connections."""
        self._transport.close()

    @property
    def url(self) -> str:
        """The service's address."""
        return self._transport.settings.url

    def is_ready(self) -> bool:
        """Whether the service can work; one that does not answer, or is only starting, is asked more than once."""
        try:
            self._session.send(Request("GET", "/readyz"))
        except Unreachable:
            return False
        return True

    def train(
        self,
        data: Data,
        target: Target | None = None,
        *,
        name: str | None = None,
        features: Sequence[str] | None = None,
        sample_weight: str | None = None,
        task: str | None = None,
        layers: Layers | None = None,
        loss: str | None = None,
        optimizer: str | Mapping[str, Any] | None = None,
        epochs: int | None = None,
        batch_size: int | str | None = None,
        seed: int | None = None,
        spec: Mapping[str, Any] | None = None,
    ) -> Job:
        """Upload the data, unless it is a dataset already, and queue a job that trains on it.

        `data`: a file, a frame of polars, pandas or Arrow, a dict of columns, a dataset, or inputs as an array or as
        nested lists. `target`: the column or the columns to predict; or the values to predict, one or several for each
        row (an array, a series, a frame, a list), which inputs without names need. NaN and None are missing values.

        What is left out gets a good default; `job.answer.spec` shows each of them. `layers`: `"32:relu,16:tanh"`, or
        the layers in full. `optimizer`: `"adam:0.005"`, or in full. `spec` is any part of a job's document; the
        arguments are written over it.

        Raises:
            Refused: with every fault of the job at once. A table that was uploaded for it is then removed again.
        """
        table, names = paired(data, target)
        document = specification(
            spec,
            target=names,
            name=name,
            features=None if features is None else list(features),
            sample_weight=sample_weight,
            task=task,
            layers=layers,
            loss=loss,
            optimizer=optimizer,
            training={"epochs": epochs, "batch_size": batch_size, "seed": seed},
        )
        if isinstance(table, Dataset):
            return self.submit({**document, "dataset_id": table.id})
        dataset = uploaded(self._session, table, name)
        try:
            return self.submit({**document, "dataset_id": dataset.id})
        except Refused:
            with suppress(ClientError):
                self.delete_dataset(dataset.id)
            raise

    def submit(self, document: Mapping[str, Any]) -> Job:
        """Queue the job that this document describes, as the contract writes it."""
        return Job(self._session, self._session.post("/v1/jobs", _json(document), creates=True))

    def validate(self, document: Mapping[str, Any]) -> Document:
        """Check a job without queueing it: the resolved spec, the number of parameters, memory and time."""
        return self._session.post("/v1/jobs/validate", _json(document))

    def job(self, identifier: str) -> Job:
        """The job of this id."""
        return Job(self._session, self._session.get(f"/v1/jobs/{_segment(identifier)}"))

    def jobs(self, *, limit: int | None = None, status: str | None = None, name: str | None = None) -> Iterator[Job]:
        """Jobs, newest first: at most `limit`, of this status and this name."""
        documents = self._session.pages("/v1/jobs", limit, {"status": status, "name": name})
        return (Job(self._session, document) for document in documents)

    def model(self, identifier: str) -> Model:
        """The model of this id."""
        return Model(self._session, self._session.get(f"/v1/models/{_segment(identifier)}"))

    def models(self, *, limit: int | None = None) -> Iterator[Model]:
        """Trained models, newest first, at most `limit`."""
        return (Model(self._session, document) for document in self._session.pages("/v1/models", limit, {}))

    def upload(self, data: Table, name: str | None = None) -> Dataset:
        """Upload a table: the path of a file, a frame, columns by name, or a pair of inputs and targets."""
        return uploaded(self._session, data, name)

    def dataset(self, identifier: str) -> Dataset:
        """The dataset of this id."""
        return self._session.read(Dataset, self._session.get(f"/v1/datasets/{_segment(identifier)}"))

    def datasets(self, *, limit: int | None = None) -> Iterator[Dataset]:
        """Datasets, newest first, at most `limit`."""
        return (self._session.read(Dataset, document) for document in self._session.pages("/v1/datasets", limit, {}))

    def delete_dataset(self, identifier: str) -> None:
        """Remove a dataset; refused while a queued or running job needs it."""
        self._session.delete(f"/v1/datasets/{_segment(identifier)}")

    def explain(self, document: Mapping[str, Any]) -> Document:
        """One step of backpropagation with every number in it, as the contract's `/v1/explanations` writes it."""
        return self._session.post("/v1/explanations", _json(document))


def _json(document: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(document, allow_nan=False).encode()
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"The document cannot be written as JSON: {error}.") from error


def _segment(identifier: str) -> str:
    """An id as one part of a path; what could lead elsewhere is no id."""
    if not identifier or not all(letter.isalnum() or letter in "-_" for letter in identifier):
        raise InvalidInput(
            f"{identifier!r} is not an id.", "Ids are listed by `deltarule jobs` and `deltarule models`."
        )
    return identifier
