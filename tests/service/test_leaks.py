"""No answer tells of the inside, whatever breaks there; `checking` holds every other test's errors to the same."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Never

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from deltarule.store.database import Database
from service.services import Services
from tests.service.checking import LEAKS
from tests.service.routes.test_jobs import INLINE
from tests.service.test_authentication import operations, with_ids
from tests.store.making import UNKNOWN

THINGS = dict.fromkeys(("dataset", "job", "model"), UNKNOWN)
INSIDE = "INSERT INTO keys VALUES ('dr_0123456789012345678901234567890') at /tmp/secret/store.py"


def fail(kind: Callable[[], Exception]) -> Callable[..., Never]:
    def failing(*_: object, **__: object) -> Never:
        raise kind()

    return failing


BREAKS: dict[str, Callable[[], Exception]] = {
    "a fault of ours": lambda: RuntimeError(INSIDE),
    "a broken file": lambda: OSError(5, INSIDE, "/usr/secret"),
    "too little memory": lambda: MemoryError(INSIDE),
    "a database that is away": lambda: OperationalError(INSIDE, {}, sqlite3.OperationalError(INSIDE)),
}


@pytest.mark.parametrize("kind", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("method", ["read", "write"])
def test_whatever_breaks_inside_stays_there(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, kind: Callable[[], Exception], method: str
) -> None:
    found = operations(client)
    monkeypatch.setattr(Database, method, fail(kind))
    broken = 0
    for verb, path, body in found:
        answer = client.open(with_ids(path, THINGS), method=verb, **with_ids(body, THINGS))
        assert not LEAKS.search(answer.text), answer.text
        broken += answer.status_code >= 500
    assert broken > 0


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (f"a,b\n1,{'x' * 300}\n{INSIDE}\n", ""),
        ("a,b\n1\n", "Row 1"),
    ],
)
def test_what_a_file_says_is_told_only_in_short(client: FlaskClient, table: str, words: str) -> None:
    answer = client.post("/v1/datasets", data=table, content_type="text/csv")
    assert answer.status_code == 422
    assert words in answer.json["detail"]
    assert len(answer.json["detail"]) < 500


def test_a_secret_is_in_no_answer_and_no_line_of_the_log(
    client: FlaskClient, services: Services, capfd: pytest.CaptureFixture[str]
) -> None:
    _, secret = services.keys.add("me")
    headers: dict[str, Any] = {"Authorization": f"Bearer {secret}"}
    said = [client.get(path, headers=headers).text for path in ("/", "/v1/jobs", "/v1/nothing", "/v1/jobs?limit=x")]
    said += [client.post("/v1/jobs", json=INLINE, headers=headers).text, client.get("/v1/jobs", headers={}).text]
    said += [client.get("/v1/jobs", headers={"Authorization": f"Bearer {secret}x"}).text]
    assert not any(secret in text for text in said)
    assert secret not in "".join(capfd.readouterr())


def test_what_breaks_is_in_the_log(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(Database, "read", fail(lambda: RuntimeError(f"seen at {tmp_path}")))
    answer = client.get("/v1/jobs")
    assert answer.status_code == 500
    # Logs for people break their lines.
    assert f"seenat{tmp_path}" in "".join("".join(capfd.readouterr()).split())
    assert answer.headers["X-Request-Id"]
