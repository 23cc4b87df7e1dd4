import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from deltarule import Client, DeltaruleClassifier

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("stack")]


@pytest.fixture
def table() -> pd.DataFrame:
    generator = np.random.default_rng(3)
    kinds = np.repeat(["cat", "dog", "eel"], 20)
    centres = np.repeat([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]], 20, axis=0)
    points = centres + generator.standard_normal((60, 2))
    return pd.DataFrame({"length": points[:, 0], "weight": points[:, 1], "kind": kinds})


def test_names_classes_and_data_are_the_users_own(url: str, table: pd.DataFrame) -> None:
    inputs, kinds = table[["length", "weight"]], table["kind"]
    inputs.iloc[0, 0] = np.nan
    fitted = DeltaruleClassifier("8:tanh", epochs=60, random_state=1, name="kinds").fit(inputs, kinds)
    assert fitted.classes_.tolist() == ["cat", "dog", "eel"]
    assert fitted.score(inputs, kinds) > 0.85
    shares = fitted.predict_proba(inputs)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert (fitted.classes_[shares.argmax(axis=1)] == fitted.predict(inputs)).all()
    assert fitted.n_iter_ == len(fitted.loss_curve_) == 60
    with Client(url) as client:
        model = client.model(fitted.model_id_).answer
        assert ([column.name for column in model.inputs], model.name) == (["length", "weight"], "kinds")
        assert model.network["dtype"] == "float64"
        assert "kinds" not in [dataset.name for dataset in client.datasets()]


def test_the_same_seed_gives_the_same_model_and_classes_may_weigh(url: str, table: pd.DataFrame) -> None:
    inputs, kinds = table[["length", "weight"]].to_numpy(), table["kind"]
    estimator = DeltaruleClassifier("4:tanh", epochs=3, random_state=1, url=url)
    first, second = (clone(estimator).fit(inputs, kinds).predict_proba(inputs) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    heavy = clone(estimator).set_params(class_weight={"eel": 1000.0}).fit(inputs, kinds)
    assert heavy.predict_proba(inputs)[:, 2].mean() > first[:, 2].mean()
    weighed = clone(estimator).fit(inputs, kinds, sample_weight=np.where(kinds == "eel", 1000.0, 1.0))
    assert weighed.predict_proba(inputs)[:, 2].mean() > first[:, 2].mean()


@pytest.mark.usefixtures("url")
def test_it_fits_into_a_pipeline_and_a_search(table: pd.DataFrame) -> None:
    pipeline = make_pipeline(StandardScaler(), DeltaruleClassifier(epochs=10, random_state=0))
    search = GridSearchCV(pipeline, {"deltaruleclassifier__layers": ["2:tanh", "8:tanh"]}, cv=2, error_score="raise")
    search.fit(table[["length", "weight"]], table["kind"])
    assert search.best_params_["deltaruleclassifier__layers"] in ("2:tanh", "8:tanh")
    assert search.best_score_ > 0.5


def test_it_predicts_in_another_process_and_takes_no_key_along(url: str, table: pd.DataFrame) -> None:
    inputs = table[["length", "weight"]].to_numpy()
    with Client(url) as client:
        fitted = DeltaruleClassifier(epochs=5, client=client).fit(inputs, table["kind"])
        assert clone(fitted).client is client
        packed = pickle.dumps(fitted.set_params(api_key="dr_secret"))
    assert b"dr_secret" not in packed
    program = "import pickle, sys; print(*pickle.load(sys.stdin.buffer).predict([[0.0, 0.0], [4.0, 0.0]]))"
    answer = subprocess.run([sys.executable, "-c", program], input=packed, capture_output=True, check=True)
    expected = fitted.set_params(client=None, api_key=None).predict([[0.0, 0.0], [4.0, 0.0]])
    assert answer.stdout.decode().split() == expected.tolist()


@pytest.mark.usefixtures("url")
def test_outputs_that_are_no_probabilities_are_not_passed_off_as_some(table: pd.DataFrame) -> None:
    two = table[table["kind"] != "eel"]
    inputs = two[["length", "weight"]]
    fitted = DeltaruleClassifier("4:tanh", loss="hinge", epochs=300, random_state=0).fit(inputs, two["kind"])
    assert fitted.score(inputs, two["kind"]) > 0.9
    with pytest.raises(ValueError, match="no probabilities"):
        fitted.predict_proba(inputs)
