import os
from pathlib import Path

import pytest

from deltarule.store.blobs import open_blobs
from deltarule.store.errors import SettingsError
from deltarule.store.schema import upgrade
from deltarule.store.settings import Settings

SERVERS = {
    "DELTARULE_DATABASE_URL": "postgresql://deltarule@database/deltarule",
    "DELTARULE_BROKER_URL": "redis://broker:6379/0",
    "DELTARULE_STORAGE_URL": "file:///var/lib/deltarule",
}


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in SERVERS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refusal(**values: object) -> str:
    with pytest.raises(SettingsError) as raised:
        Settings(**values)
    return str(raised.value)


@pytest.mark.usefixtures("servers")
def test_three_urls_are_enough() -> None:
    settings = Settings()
    assert settings.database_url == "postgresql+psycopg://deltarule@database/deltarule"
    assert settings.broker_url == SERVERS["DELTARULE_BROKER_URL"]
    assert settings.storage_url == SERVERS["DELTARULE_STORAGE_URL"]
    assert settings.sweep_seconds == 15
    assert settings.log_format == "json"
    assert not settings.embedded_broker


def test_embedded_everything_lies_in_one_folder(tmp_path: Path) -> None:
    settings = Settings.embedded(tmp_path)
    assert settings.data == tmp_path
    assert settings.database_url == f"sqlite:///{tmp_path}/deltarule.sqlite3"
    assert settings.broker_url == f"filesystem://{tmp_path}/broker"
    assert settings.storage_url == f"file://{tmp_path}/blobs"
    assert settings.sweep_seconds == 5
    assert settings.log_format == "people"
    assert settings.embedded_broker


def test_embedded_takes_its_folder_from_the_environment_or_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    assert Settings.embedded().data == tmp_path / "home" / "deltarule"
    monkeypatch.setenv("DELTARULE_DATA", str(tmp_path / "own"))
    assert Settings.embedded().data == tmp_path / "own"
    assert Settings().data == tmp_path / "own"


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "a%20b?c#d é"
    folder.mkdir()
    settings = Settings.embedded(folder)
    upgrade(settings.database_url)
    assert (folder / "deltarule.sqlite3").exists()
    open_blobs(settings.storage_url).ping()
    assert (folder / "blobs").is_dir()


def test_a_relative_folder_is_taken_from_where_the_process_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DELTARULE_DATA", "here")
    assert Settings() == Settings.embedded(Path("here")) == Settings.embedded(tmp_path / "here")


def test_a_server_may_take_the_place_of_an_embedded_part(servers: pytest.MonkeyPatch, tmp_path: Path) -> None:
    servers.delenv("DELTARULE_STORAGE_URL")
    settings = Settings.embedded(tmp_path)
    assert settings.broker_url == SERVERS["DELTARULE_BROKER_URL"]
    assert settings.storage_url == f"file://{tmp_path}/blobs"


@pytest.mark.usefixtures("servers")
def test_a_value_by_name_wins() -> None:
    assert Settings(port=1234).port == 1234


def test_children_read_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parent = Settings.embedded(tmp_path, port=1234, sqlite_autocheckpoint=False, lease_seconds=3, heartbeat_seconds=0.5)
    for name, value in parent.environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == parent


def test_passwords_come_from_files_and_reach_children_inside_the_urls(
    servers: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("p@ss/word\n")
    servers.setenv("DELTARULE_DATABASE_PASSWORD_FILE", str(secret))
    servers.setenv("DELTARULE_BROKER_PASSWORD", "other")
    settings = Settings()
    assert settings.database_url == "postgresql+psycopg://deltarule:p%40ss%2Fword@database/deltarule"
    assert settings.broker_url == "redis://:other@broker:6379/0"
    assert "p%40ss" not in repr(settings)
    assert "other" not in repr(settings)
    for name, value in settings.environment().items():
        servers.setenv(name, value)
    assert Settings() == settings


@pytest.mark.usefixtures("servers")
def test_any_value_may_lie_in_a_file_and_the_variable_wins(servers: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1234")
    servers.setenv("DELTARULE_PORT_FILE", str(tmp_path / "port"))
    assert Settings().port == 1234
    servers.setenv("DELTARULE_PORT", "4321")
    assert Settings().port == 4321


def test_what_is_missing_is_named() -> None:
    sentences = refusal().splitlines()
    assert [sentence.split(" is not set")[0] for sentence in sentences] == list(SERVERS)
    assert all("DELTARULE_DATA" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("DELTARULE_PORT", "http", "DELTARULE_PORT is 'http': input should be a valid integer"),
        ("DELTARULE_PORT", "0", "DELTARULE_PORT is '0'"),
        ("DELTARULE_WORKERS", "0", "DELTARULE_WORKERS is '0'"),
        ("DELTARULE_LOG_FORMAT", "xml", "'json' or 'people'"),
        ("DELTARULE_SQLITE_AUTOCHECKPOINT", "perhaps", "DELTARULE_SQLITE_AUTOCHECKPOINT is 'perhaps'"),
        ("DELTARULE_DATABASE_URL", "mysql://u:secret@host/d", "must begin with sqlite:/// or postgresql://"),
        ("DELTARULE_DATABASE_URL", "secret", "DELTARULE_DATABASE_URL is not a URL"),
        ("DELTARULE_DATABASE_URL", "postgresql://host:secret/d", "DELTARULE_DATABASE_URL is not a URL"),
        ("DELTARULE_DATABASE_URL", "sqlite://", "DELTARULE_DATABASE_URL must name a file"),
        ("DELTARULE_DATABASE_URL", "sqlite:///:memory:", "DELTARULE_DATABASE_URL must name a file"),
        ("DELTARULE_BROKER_URL", "amqp://u:secret@host", "DELTARULE_BROKER_URL must begin with redis://"),
        ("DELTARULE_STORAGE_URL", "ftp://u:secret@bucket", "DELTARULE_STORAGE_URL must begin with file:///"),
        ("DELTARULE_HEARTBEAT_SECONDS", "11", "at most a sixth of DELTARULE_LEASE_SECONDS (60)"),
        ("DELTARULE_LEASE_SECONDS", "6", "DELTARULE_HEARTBEAT_SECONDS is 5"),
        ("DELTARULE_DATABSE_URL", "sqlite:///x", "did you mean DELTARULE_DATABASE_URL?"),
        (
            "DELTARULE_PORT_FILE",
            "/nowhere/port",
            "DELTARULE_PORT_FILE names /nowhere/port, which cannot be read: No such",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence_with_the_variable_and_no_secret(
    servers: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    servers.setenv(variable, value)
    sentence = refusal()
    assert words in sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    assert "secret" not in sentence


def test_a_file_that_is_no_text_is_refused(servers: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "port").write_bytes(b"\xff")
    servers.setenv("DELTARULE_PORT_FILE", str(tmp_path / "port"))
    assert "not UTF-8 text" in refusal()


def test_every_fault_is_told_at_once(servers: pytest.MonkeyPatch) -> None:
    servers.setenv("DELTARULE_PORT", "x")
    servers.setenv("DELTARULE_WORKERS", "x")
    assert len(refusal().splitlines()) == 2


@pytest.mark.usefixtures("servers")
def test_no_value_by_an_unknown_name() -> None:
    assert refusal(colour="red") == "DELTARULE_COLOUR is not a setting."


def test_an_empty_variable_is_none(servers: pytest.MonkeyPatch) -> None:
    servers.setenv("DELTARULE_PORT", "")
    assert Settings().port == 8080


def test_the_clients_variables_are_nobodys_misspelling(servers: pytest.MonkeyPatch) -> None:
    servers.setenv("DELTARULE_URL", "http://127.0.0.1:8080")
    servers.setenv("DELTARULE_API_KEY", "dr_x")
    assert Settings().workers == (os.cpu_count() or 1)


def test_a_password_finds_no_place_in_what_is_no_url(servers: pytest.MonkeyPatch) -> None:
    servers.setenv("DELTARULE_BROKER_URL", "redis://[secret")
    servers.setenv("DELTARULE_BROKER_PASSWORD", "other")
    assert refusal() == "DELTARULE_BROKER_URL is not a URL."
