"""Tables that people really send: each is taken for what it is, or refused with what to change."""

import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from deltarule.store.settings import Settings
from deltarule.training.tables.chunk import CHUNK_BYTES

MEBIBYTE = 1 << 20


def post(client: FlaskClient, body: bytes | str, media_type: str = "text/csv", **headers: str) -> Any:  # noqa: ANN401
    return client.post("/v1/datasets", data=body, content_type=media_type, headers=headers)


def columns(client: FlaskClient, body: bytes | str) -> dict[str, dict[str, Any]]:
    response = post(client, body)
    assert response.status_code == 201, response.json
    return {column["name"]: column for column in response.json["columns"]}


def validate(client: FlaskClient, body: str, **job: Any) -> Any:  # noqa: ANN401
    return client.post("/v1/jobs/validate", json={"dataset_id": post(client, body).json["id"], **job})


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, identity"])
def test_a_packed_body_is_refused(client: FlaskClient, encoding: str) -> None:
    answer = post(client, b"\x1f\x8b", **{"Content-Encoding": encoding})
    assert answer.status_code == 415
    assert "not packed" in answer.json["detail"]


def bomb_npz() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, inputs=np.zeros((4_000_000, 8)), targets=np.zeros(4_000_000))
    return file.getvalue()


def bomb_parquet() -> bytes:
    file = io.BytesIO()
    wide = polars.select(**{f"c{number}": polars.repeat(1, 10_000_000, dtype=polars.Int8) for number in range(40)})
    wide.write_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "media_type"), [(bomb_npz, "application/x-npz"), (bomb_parquet, "application/vnd.apache.parquet")]
)
def test_a_bomb_is_refused_before_it_unfolds(client: FlaskClient, make: Callable[[], bytes], media_type: str) -> None:
    body = make()
    assert len(body) < 4 * MEBIBYTE
    answer = post(client, body, media_type)
    assert answer.status_code == 422
    assert "unpacks to" in answer.json["detail"] or "too large" in answer.json["detail"]


@pytest.mark.parametrize(("encoding", "name"), [("utf-16", "UTF-16"), ("utf-16-le", "NUL"), ("utf-16-be", "NUL")])
def test_another_encoding_is_named(client: FlaskClient, encoding: str, name: str) -> None:
    answer = post(client, "a,b\n1,2\n".encode(encoding))
    assert answer.status_code == 422
    assert name in answer.json["detail"]


def test_two_thousand_columns(client: FlaskClient) -> None:
    names = [f"c{number}" for number in range(2000)]
    rows = "\n".join(",".join(str(row * number % 7) for number in range(2000)) for row in range(30))
    answer = validate(client, f"{','.join(names)}\n{rows}\n", target="c3")
    assert answer.status_code == 200
    # Multiples of seven are constant.
    assert len(answer.json["spec"]["features"]) >= 1700


def test_what_teaches_nothing_is_told(client: FlaskClient) -> None:
    rows = "".join(f"person {row},5,{row % 3 == 0},{row % 2}\n" for row in range(2000))
    answer = validate(client, f"who,same,married,kind\n{rows}", target="kind")
    assert answer.status_code == 200
    assert "who" not in answer.json["spec"]["features"]
    assert "married" in answer.json["spec"]["features"]
    assert any("who" in warning for warning in answer.json["warnings"])


def test_truth_values_are_categories_and_whole_numbers_may_be_classes(client: FlaskClient) -> None:
    rows = "".join(f"{row},{row % 2 == 0},{row % 3}\n" for row in range(60))
    found = columns(client, f"length,married,kind\n{rows}")
    assert found["married"]["type"] == "categorical"
    assert found["married"]["categories"] == ["false", "true"]
    answer = validate(client, f"length,married,kind\n{rows}", target="kind")
    assert answer.json["spec"]["task"] == "classification"


@pytest.mark.parametrize(
    ("values", "words"), [(("2024-01-31", "2024-02-01"), "holds dates"), (('"1,5"', '"2,5"'), "decimal comma")]
)
def test_dates_and_decimal_commas_are_refused_with_advice(
    client: FlaskClient, values: tuple[str, str], words: str
) -> None:
    table = "x,size,kind\n" + "".join(f"{values[row % 2]},{row},{'ab'[row % 2]}\n" for row in range(40))
    named = validate(client, table, target="kind", features=["x", "size"])
    assert named.status_code == 422
    assert [(fault["pointer"], words in fault["detail"]) for fault in named.json["errors"]] == [("/features/0", True)]
    left_out = validate(client, table, target="kind")
    assert left_out.json["spec"]["features"] == ["size"]
    assert any(words in warning for warning in left_out.json["warnings"])


def test_a_class_that_training_never_saw_is_named_with_its_row(client: FlaskClient, trained: dict[str, Any]) -> None:
    other = post(client, "length,colour,kind\n1,red,0\n2,green,1\n").json["id"]
    answer = client.post(f"/v1/models/{trained['model_id']}/evaluations", json={"dataset_id": other})
    assert answer.status_code == 422
    assert "green" in answer.json["detail"]
    assert "colour" in answer.json["detail"]


def test_memory_does_not_grow_with_the_upload(
    sqlite_url: str, tmp_path: Path, make_app: Callable[[Settings], APIFlask]
) -> None:
    app = make_app(Settings(data=tmp_path / "data", database_url=sqlite_url))
    with (tmp_path / "large.csv").open("w+b") as body:
        # Refused at its first row, so that only what came before is measured.
        body.write(b"a,b\n1\n")
        for _ in range(192):
            body.write(b"1.5,2.5\n" * (MEBIBYTE // 8))
        body.seek(0)
        tracemalloc.start()
        try:
            response = app.test_client().post("/v1/datasets", input_stream=body, content_type="text/csv")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (response.status_code, "Row 1" in response.json["detail"]) == (422, True)
    # A chunk as it was read, the whole lines of it, and where they end.
    assert peak < 4 * CHUNK_BYTES < 192 * MEBIBYTE / 2
