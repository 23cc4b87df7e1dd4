"""A regressor for scikit-learn's pipelines, trained by a Deltarule service."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.utils import Tags

from deltarule.client.client import Client
from deltarule.client.estimators.remote import Remote
from deltarule.client.specification import Layers


class DeltaruleRegressor(RegressorMixin, Remote):
    """A network that predicts one number or several, in the form of a scikit-learn regressor.

    Its arguments and attributes are those of `DeltaruleClassifier`, without classes. Targets are standardized while it
    trains, wherever its loss and output activation take any number, and predicted in their own units.
    """

    _is_flat: bool

    def __init__(
        self,
        layers: Layers | None = None,
        *,
        loss: str | None = None,
        optimizer: str | Mapping[str, Any] | None = None,
        epochs: int | None = None,
        batch_size: int | str | None = None,
        spec: Mapping[str, Any] | None = None,
        name: str | None = None,
        random_state: Any = None,  # noqa: ANN401 - a number or a generator of NumPy's
        client: Client | None = None,
        url: str | None = None,
        api_key: str | None = None,
    ) -> None:
        self.layers = layers
        self.loss = loss
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.spec = spec
        self.name = name
        self.random_state = random_state
        self.client = client
        self.url = url
        self.api_key = api_key

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:  # noqa: N803
        """Train on rows `X` (n × d) with targets `y` (n, or n × k), each row as heavy as `sample_weight` (n) says."""
        inputs, targets = self._checked(X, y, multi_output=True, y_numeric=True)
        self._is_flat = targets.ndim == 1
        columns = list(targets.reshape(len(targets), -1).astype(np.float64).T)
        return self._train(inputs, columns, "regression", sample_weight, {})

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """The predicted number, or numbers, of each row (n, or n × k)."""
        answers = self._answers(X)
        if answers[0].values is None:
            values = np.array([answer.value for answer in answers], np.float64)
            return values if self._is_flat else values[:, np.newaxis]
        return np.array([list((answer.values or {}).values()) for answer in answers], np.float64)
