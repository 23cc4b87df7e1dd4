"""Values of scikit-learn, recorded with the test; it is not needed to run it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltarule.training.metrics import classification, confusion, multilabel, regression, roc_auc

RECORDED = json.loads((Path(__file__).parent / "recorded" / "metrics.json").read_text())
OF_A_CLASS = ("precision", "recall", "f1", "support")


def agree(measured: dict[str, Any], expect: dict[str, Any], labels: list[str]) -> None:
    for name, value in expect.items():
        found = [measured["classes"][label][name] for label in labels] if name in OF_A_CLASS else measured[name]
        assert found == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("case", RECORDED["classification"])
def test_classification(case: dict[str, Any]) -> None:
    truth, probabilities = np.array(case["truth"]), np.array(case["probabilities"])
    labels = [f"class {number}" for number in range(probabilities.shape[1])]
    matrix = case["expect"].pop("confusion_matrix")

    measured = classification(truth, probabilities, labels, probabilities=True)

    assert measured["confusion_matrix"] == matrix
    assert measured["labels"] == labels
    agree(measured, case["expect"], labels)


@pytest.mark.parametrize("case", RECORDED["regression"])
def test_regression(case: dict[str, Any]) -> None:
    truth, predicted = np.array(case["truth"]), np.array(case["predicted"])
    names = [f"y{number}" for number in range(truth.shape[1])]

    measured = regression(truth, predicted, names)

    for name, expect in zip(names, case["expect"].pop("targets"), strict=True):
        assert measured["targets"][name] == pytest.approx(expect, rel=1e-12)
    assert {name: measured[name] for name in case["expect"]} == pytest.approx(case["expect"], rel=1e-12)


@pytest.mark.parametrize("case", RECORDED["multilabel"])
def test_multilabel(case: dict[str, Any]) -> None:
    truth, probabilities = np.array(case["truth"], np.bool_), np.array(case["probabilities"])
    labels = [f"label {number}" for number in range(truth.shape[1])]

    measured = multilabel(truth, probabilities > 0.5, probabilities, labels, probabilities=True)

    agree(measured, case["expect"], labels)


def test_a_classification_by_hand() -> None:
    scores = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]])

    measured = classification(np.array([0, 0, 1, 1]), scores, ["no", "yes"], probabilities=True)

    assert measured["accuracy"] == 0.75
    assert measured["confusion_matrix"] == [[2, 0], [1, 1]]
    assert measured["classes"]["yes"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2}
    assert measured["roc_auc"] == 0.75
    assert measured["log_loss"] == pytest.approx(-np.mean(np.log([0.9, 0.6, 0.8, 0.3])))


def test_scores_that_are_no_probabilities_have_no_log_loss() -> None:
    assert classification(np.array([0, 1]), np.eye(2), ["a", "b"], probabilities=False)["log_loss"] is None


def test_a_certain_error_costs_much_but_not_infinitely() -> None:
    measured = classification(np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]]), ["a", "b"], probabilities=True)

    assert 10 < measured["log_loss"] < 20


def test_one_class_alone_has_no_roc_auc() -> None:
    measured = classification(np.zeros(3, np.intp), np.ones((3, 1)), ["a"], probabilities=True)

    assert measured["roc_auc"] is None
    assert measured["accuracy"] == 1.0


def test_ties_count_half() -> None:
    assert roc_auc(np.array([False, True]), np.array([0.5, 0.5])) == 0.5


def test_a_constant_target_has_no_r2() -> None:
    measured = regression(np.full((3, 1), 0.1), np.zeros((3, 1)), ["y"])

    assert measured["r2"] is None
    assert measured["mean_absolute_error"] == pytest.approx(0.1)


def test_the_mean_r2_leaves_out_what_has_none() -> None:
    truth = np.array([[1.0, 5.0], [2.0, 5.0]])

    assert regression(truth, truth, ["a", "b"])["r2"] == 1.0


def test_what_is_not_finite_is_none_and_fits_into_json() -> None:
    broken = np.array([[np.inf], [np.nan]])

    measured = regression(np.array([[1.0], [2.0]]), broken, ["y"])
    classes = classification(np.array([0, 1]), np.full((2, 2), np.nan), ["a", "b"], probabilities=True)

    assert measured["r2"] is measured["mean_absolute_error"] is measured["root_mean_squared_error"] is None
    assert classes["roc_auc"] is classes["log_loss"] is None
    json.dumps([measured, classes], allow_nan=False)


def test_confusion_counts_down_what_is_and_across_what_was_said() -> None:
    assert confusion(np.array([0, 0, 2]), np.array([0, 1, 2]), 3).tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
