import json
from pathlib import Path

import pytest

from deltarule.store.database import Database
from deltarule.store.keys import Keys
from deltarule.store.settings import Settings
from tests.cli.conftest import Run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def found(data: Path, secret: str) -> str | None:
    """The name of the key with this secret, as the service would find it."""
    database = Database.from_settings(Settings.embedded(data))
    try:
        key = Keys(database).find(secret)
        return key.name if key else None
    finally:
        database.close()


def test_a_key_works_until_it_is_revoked(run: Run, data: Path) -> None:
    result = run("keys", "add", "Ada", "--data", data)
    secret = result.out.strip()
    assert result.code == 0
    assert "only time" in result.err
    assert secret not in result.err
    assert found(data, secret) == "Ada"
    (key,) = json.loads(run("keys", "list", "--data", data, "--json").out)
    assert run("keys", "revoke", key["id"], "--data", data).code == 0
    assert found(data, secret) is None
    assert "revoked" in run("keys", "list", "--data", data).out


def test_keys_are_listed_without_their_secrets(run: Run, data: Path) -> None:
    secret = json.loads(run("keys", "add", "Ada", "--days", "30", "--data", data, "--json").out)["secret"]
    run("keys", "add", "Grace", "--data", data)
    listed = run("keys", "list", "--data", data).out
    assert [line.split()[-1] for line in listed.splitlines()[1:]] == ["Grace", "Ada"]
    assert "valid until" in listed
    assert secret not in listed + run("keys", "list", "--data", data, "--json").out


def test_without_keys_it_says_whom_the_service_answers(run: Run, data: Path) -> None:
    result = run("keys", "list", "--data", data)
    assert (result.code, result.out) == (0, "")
    assert "answers this machine only" in result.err


def test_it_is_told_when_a_key_was_used(run: Run, data: Path) -> None:
    secret = run("keys", "add", "Ada", "--data", data).out.strip()
    assert "never" in run("keys", "list", "--data", data).out
    found(data, secret)
    assert "never" not in run("keys", "list", "--data", data).out
    assert json.loads(run("keys", "list", "--data", data, "--json").out)[0]["last_used_at"]


def test_what_was_done_for_good_is_listed(run: Run, data: Path) -> None:
    key = json.loads(run("keys", "add", "Ada", "--adopt", "--data", data, "--json").out)
    run("keys", "revoke", key["id"], "--data", data)
    entries = json.loads(run("keys", "audit", "--data", data, "--json").out)
    assert [entry["action"] for entry in entries] == ["key revoked", "work adopted", "key added"]
    assert {entry["subject"] for entry in entries} == {entry["owner"] for entry in entries} == {key["id"]}
    lines = run("keys", "audit", "--limit", "1", "--data", data).out.splitlines()
    assert len(lines) == 2
    assert "key revoked" in lines[1]
    assert key["secret"] not in run("keys", "audit", "--data", data).out


def test_an_unknown_key_is_said(run: Run, data: Path) -> None:
    result = run("keys", "revoke", "nothing", "--data", data)
    assert (result.code, result.err) == (2, "error: There is no key with the id 'nothing'.\n")


def test_a_database_that_does_not_answer_is_exit_code_three(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELTARULE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1")
    result = run("keys", "list")
    assert result.code == 3
    assert result.err.startswith("error: ")
    assert "Traceback" not in result.err


def test_a_wrong_setting_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELTARULE_DATABASE_URL", "mysql://x/y")
    result = run("keys", "list")
    assert result.code == 2
    assert "DELTARULE_DATABASE_URL" in result.err
