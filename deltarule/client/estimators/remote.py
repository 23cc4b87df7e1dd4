"""What both estimators share: the way of the arrays to the service, and of its model's answers back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from deltarule.client.answers import Prediction
from deltarule.client.client import Client
from deltarule.client.errors import ClientError
from deltarule.client.job import Job
from deltarule.client.predicting import rows_of_array
from deltarule.client.specification import Layers

LARGEST_SEED = 2**31 - 1
DTYPES = [np.float64, np.float32]

Arrays = NDArray[Any]


class Remote(BaseEstimator):
    """An estimator whose network is trained by a service; see `DeltaruleClassifier` for its parameters."""

    layers: Layers | None
    loss: str | None
    optimizer: str | Mapping[str, Any] | None
    epochs: int | None
    batch_size: int | str | None
    spec: Mapping[str, Any] | None
    name: str | None
    random_state: Any
    client: Client | None
    url: str | None
    api_key: str | None

    model_id_: str
    job_id_: str
    n_iter_: int
    loss_curve_: list[float | None]

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the key, which belongs in no file: another process has its own, in its environment."""
        return {**super().__getstate__(), "api_key": None}

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    @contextmanager
    def _connected(self) -> Iterator[Client]:
        if self.client is not None:
            yield self.client
        else:
            with Client(self.url, self.api_key) as client:
                yield client

    def _checked(self, inputs: ArrayLike, targets: ArrayLike, **checks: object) -> tuple[Arrays, Arrays]:
        """Rows and targets as scikit-learn's own estimators take them; NaN among the inputs is a missing value."""
        checked: tuple[Arrays, Arrays] = validate_data(
            self, inputs, targets, dtype=DTYPES, ensure_all_finite="allow-nan", ensure_min_samples=2, **checks
        )
        return checked

    def _train(
        self,
        inputs: Arrays,
        targets: Sequence[Arrays],
        task: str,
        sample_weight: ArrayLike | None,
        training: Mapping[str, Any],
    ) -> Self:
        features = [str(name) for name in getattr(self, "feature_names_in_", ())]
        features = features or [f"x{place}" for place in range(inputs.shape[1])]
        names = [_free(f"y{place}", features) for place in range(len(targets))]
        table = dict(zip([*features, *names], [*inputs.T, *targets], strict=True))
        weight = None
        if sample_weight is not None:
            weight = _free("weight", [*features, *names])
            table[weight] = _check_sample_weight(sample_weight, inputs, ensure_non_negative=True)
        chosen = dict(self.spec or {})
        chosen["network"] = {"dtype": str(inputs.dtype), **chosen.get("network", {})}
        chosen["training"] = {**chosen.get("training", {}), **training}
        with self._connected() as client:
            dataset = client.upload(table, self.name)
            try:
                job = client.train(
                    dataset,
                    names[0] if len(names) == 1 else names,
                    name=self.name,
                    features=features,
                    sample_weight=weight,
                    task=task,
                    layers=self.layers,
                    loss=self.loss,
                    optimizer=self.optimizer,
                    epochs=self.epochs,
                    batch_size=self.batch_size,
                    seed=int(check_random_state(self.random_state).randint(LARGEST_SEED)),
                    spec=chosen,
                )
                self._keep(_finished(job))
            finally:
                with suppress(ClientError):
                    client.delete_dataset(dataset.id)
        return self

    def _keep(self, job: Job) -> None:
        history = job.history()
        self.loss_curve_ = list(history.training_loss)
        self.n_iter_ = history.epoch[-1]
        self.job_id_ = job.id
        self.model_id_ = job.model().id

    def _answers(self, inputs: ArrayLike) -> list[Prediction]:
        check_is_fitted(self, "model_id_")
        checked = validate_data(self, inputs, reset=False, dtype=DTYPES, ensure_all_finite="allow-nan")
        with self._connected() as client:
            return client.model(self.model_id_).predict(rows_of_array(checked))


def _finished(job: Job) -> Job:
    """The job once it has ended well; whoever interrupts the waiting does not want it any more."""
    try:
        return job.wait()
    except KeyboardInterrupt:
        with suppress(ClientError):
            job.cancel()
        raise


def _free(name: str, taken: Sequence[str]) -> str:
    """The name, or a longer one where it is taken."""
    return _free(f"{name}_", taken) if name in taken else name
