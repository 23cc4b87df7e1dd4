import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient


def test_history_comes_in_columns(client: FlaskClient, trained: dict[str, Any]) -> None:
    history = client.get(trained["links"]["history"]).json
    assert history["epoch"] == [1, 2, 3]
    assert (history.pop("every"), history.pop("epochs_done")) == (1, 3)
    assert {len(column) for column in history.values()} == {3}
    assert history["training_loss"][-1] == pytest.approx(trained["metrics"]["training_loss"])
    layers = len(trained["spec"]["network"]["layers"])
    assert {len(norms) for norms in history["gradient_norm"]} == {layers}


def test_history_comes_as_csv_for_those_who_prefer_it(client: FlaskClient, trained: dict[str, Any]) -> None:
    columns = client.get(trained["links"]["history"]).json
    response = client.get(trained["links"]["history"], headers={"Accept": "text/csv, application/json;q=0.5"})
    assert response.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [int(row["epoch"]) for row in rows] == columns["epoch"]
    assert [float(row["training_loss"]) for row in rows] == columns["training_loss"]
    assert [float(row["gradient_norm_0"]) for row in rows] == [norms[0] for norms in columns["gradient_norm"]]


def test_only_the_epochs_after_one_may_be_asked_for(client: FlaskClient, trained: dict[str, Any]) -> None:
    path = trained["links"]["history"]
    assert client.get(f"{path}?since_epoch=2").json["epoch"] == [3]
    assert client.get(f"{path}?since_epoch=99").json["epoch"] == []
    empty = client.get(f"{path}?since_epoch=99", headers={"Accept": "text/csv"}).text
    assert empty.startswith("epoch,training_loss")


@pytest.mark.parametrize(("query", "place"), [("since_epoch=-1", "since_epoch"), ("points=9", "points")])
def test_a_wrong_query_is_refused(client: FlaskClient, trained: dict[str, Any], query: str, place: str) -> None:
    response = client.get(f"{trained['links']['history']}?{query}")
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == f"/query/{place}"


def test_there_is_no_chart_yet(client: FlaskClient, trained: dict[str, Any]) -> None:
    response = client.get(trained["links"]["history"], headers={"Accept": "image/png, image/svg+xml"})
    assert response.status_code == 406
    assert "text/csv" in response.json["detail"]
