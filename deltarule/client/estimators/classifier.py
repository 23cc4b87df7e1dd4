"""A classifier for scikit-learn's pipelines, trained by a Deltarule service."""

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from deltarule.client.client import Client
from deltarule.client.estimators.remote import Remote
from deltarule.client.specification import Layers


class DeltaruleClassifier(ClassifierMixin, Remote):
    """A network that tells classes, in the form of a scikit-learn classifier.

    Args:
        layers: `"32:relu,16:tanh"`, or the layers in full; the service chooses by default, as it does for `loss`,
            `optimizer` (`"adam:0.005"`, or in full), `epochs` and `batch_size`.
        class_weight: `"balanced"`, or a weight by class; the others weigh 1.
        spec: any part of a job's document besides; the arguments are written over it.
        name: of the job, the model and, while it trains, the dataset.
        random_state: settles every random choice; a number gives the same model each time.
        client: to ask with; else one of `url` and `api_key`, which are read from the environment by default.

    Attributes:
        classes_: the classes, sorted.
        model_id_, job_id_: what the service knows the model and its training by.
        n_iter_, loss_curve_: epochs, and the training loss of each.
        n_features_in_, feature_names_in_: as everywhere in scikit-learn.

    NaN is a missing value, which the service fills in. A fitted estimator is pickled with the model's id, not with its
    weights: it predicts wherever the service can be reached, and never takes its key along.
    """

    classes_: NDArray[Any]

    def __init__(
        self,
        layers: Layers | None = None,
        *,
        loss: str | None = None,
        optimizer: str | Mapping[str, Any] | None = None,
        epochs: int | None = None,
        batch_size: int | str | None = None,
        class_weight: Literal["balanced"] | Mapping[Any, float] | None = None,
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
        self.class_weight = class_weight
        self.spec = spec
        self.name = name
        self.random_state = random_state
        self.client = client
        self.url = url
        self.api_key = api_key

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:  # noqa: N803
        """Train on rows `X` (n × d) of classes `y` (n), each row as heavy as `sample_weight` (n) says."""
        inputs, classes = self._checked(X, y)
        check_classification_targets(classes)
        self.classes_, numbers = np.unique(classes, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError(f"All rows are of one class, {self.classes_[0]!r}; a classifier needs at least 2 classes.")
        return self._train(inputs, [numbers], "classification", sample_weight, self._weights())

    def predict(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """The likeliest class of each row (n)."""
        numbers = [int(float(str(answer.label))) for answer in self._answers(X)]
        predicted: NDArray[Any] = self.classes_[numbers]
        return predicted

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """The probability of each class for each row (n × classes), classes as in `classes_`.

        Raises:
            ValueError: for a model whose outputs are no probabilities, such as one trained by `hinge`.
        """
        shares = [answer.probabilities for answer in self._answers(X)]
        if None in shares:
            raise ValueError("The outputs of this model are no probabilities; let it end in softmax or sigmoid.")
        keys = [str(place) for place in range(len(self.classes_))]
        return np.array([[share[key] for key in keys] for share in shares if share is not None], np.float64)

    def _weights(self) -> dict[str, Any]:
        if not isinstance(self.class_weight, Mapping):
            return {} if self.class_weight is None else {"class_weight": self.class_weight}
        numbered = {str(place): self.class_weight.get(name, 1.0) for place, name in enumerate(self.classes_.tolist())}
        return {"class_weight": {number: float(weight) for number, weight in numbered.items()}}
