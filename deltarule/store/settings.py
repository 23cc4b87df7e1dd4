"""The environment, read once: every setting has a name, a type and a default, or it stops the start."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, urlsplit, urlunsplit

from platformdirs import user_data_path
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from deltarule.store.errors import SettingsError

PREFIX = "DELTARULE_"
MEBIBYTE = 1024 * 1024
OTHERS = frozenset({"URL", "API_KEY"})
"""Variables of the same prefix that the client reads."""


class Settings(BaseSettings):
    """Everything that can be set, from the environment (prefix `DELTARULE_`) or by name.

    A variable's value may also lie in a file that `DELTARULE_<NAME>_FILE` names, for secrets; the variable itself wins.
    Where `data` is given, the three URLs may be left out: they then lie in that folder. Sizes are in bytes, times in
    seconds. Raises SettingsError, one sentence for each fault, when a value is missing or wrong.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    data: Path | None = None
    """Folder of the embedded database, broker and datasets."""
    database_url: str = Field(repr=False)
    """`sqlite:////absolute/path` or `postgresql://user@host/name`."""
    database_password: str | None = Field(default=None, repr=False)
    """Put into `database_url`, so that the secret may lie in a file of its own."""
    broker_url: str = Field(repr=False)
    """`redis://host:6379/0`, or `filesystem:///absolute/path` for the embedded broker."""
    broker_password: str | None = Field(default=None, repr=False)
    """Put into `broker_url`."""
    storage_url: str = Field(repr=False)
    """`file:///absolute/path` or `s3://bucket/prefix`: where the bytes of datasets lie."""
    storage_endpoint: str | None = Field(default=None, pattern=r"^https?://")
    """Address of an S3 storage other than Amazon's."""
    storage_region: str | None = None
    storage_access_key: str | None = Field(default=None, repr=False)
    """Where these are not set, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, ... are read."""
    storage_secret_key: str | None = Field(default=None, repr=False)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=1024)
    """Training jobs that run at once in one worker."""
    cors_origins: str = ""
    """Origins whose pages may use the API, separated by commas, each exactly as browsers send it."""
    log_format: Literal["json", "people"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    telemetry_url: str | None = Field(default=None, pattern=r"^https?://")
    """Address of an OpenTelemetry collector that takes traces over HTTP."""

    body_limit_bytes: int = Field(default=16 * MEBIBYTE, ge=1024)
    """Largest body of a request that is not an upload."""
    dataset_limit_bytes: int = Field(default=256 * MEBIBYTE, ge=1024)
    """Largest dataset."""
    memory_limit_bytes: int = Field(default=2048 * MEBIBYTE, ge=MEBIBYTE)
    """Most memory that one training run may be estimated to need."""

    requests_per_minute: int | None = Field(default=None, ge=1)
    """Most requests that one key, or one address where there is none, may make in a minute; without end if not set."""
    queued_jobs_per_owner: int | None = Field(default=None, ge=1)
    """Most jobs that one key may have in the queue."""
    dataset_bytes_per_owner: int | None = Field(default=None, ge=1024)
    """Most bytes that the datasets of one key may take together."""
    worker_memory_bytes: int | None = Field(default=None, ge=256 * MEBIBYTE)
    """Most memory that the job of one worker may take; left out, twice the run's limit and 1 GiB more."""

    lease_seconds: float = Field(default=60, gt=0, le=86400)
    """A worker silent for so long has lost its job."""
    heartbeat_seconds: float = Field(default=5, gt=0)
    """How often a worker renews its lease; at most a sixth of the lease."""
    checkpoint_seconds: float = Field(default=10, gt=0)
    """How often a run is saved, so that a lost worker costs no more than that."""
    stall_seconds: float = Field(default=300, gt=0)
    """How long a worker may show no sign of life, or take for one step, until it is ended and started again."""
    sweep_seconds: float = Field(default=15, gt=0)
    """How often lost messages and lost workers are looked for."""
    poll_seconds: float = Field(default=0.2, gt=0)
    """How often a waiting request looks at its job, and an embedded worker into its queue."""
    sqlite_autocheckpoint: bool = True
    """Whether this process moves SQLite's log into its file; exactly one process should."""

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 -- any setting, by name
        _refuse_misspelt(os.environ)
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError("\n".join(_sentence(fault) for fault in error.errors())) from None

    @classmethod
    def embedded(cls, data: Path | None = None, **values: object) -> Self:
        """The settings of one machine with nothing else installed; `data` defaults to the user's own data folder."""
        folder = data or os.environ.get(f"{PREFIX}DATA") or user_data_path("deltarule")
        return cls(data=Path(folder), **values)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """By name first, then the environment, then files that the environment names."""
        return init_settings, env_settings, _NamedFiles(settings_cls)

    def environment(self) -> dict[str, str]:
        """The same settings as variables, for child processes; passwords are inside the URLs."""
        values = self.model_dump(mode="json", exclude_none=True, exclude={"database_password", "broker_password"})
        return {f"{PREFIX}{name.upper()}": _as_variable(value) for name, value in values.items()}

    @property
    def embedded_broker(self) -> bool:
        """Whether messages lie in a folder instead of a broker."""
        return self.broker_url.startswith("filesystem:")

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins whose pages may use the API."""
        return frozenset(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    @property
    def storage_options(self) -> dict[str, str]:
        """How an S3 storage is reached, as far as it is set."""
        options = {
            "endpoint": self.storage_endpoint,
            "region": self.storage_region,
            "access_key_id": self.storage_access_key,
            "secret_access_key": self.storage_secret_key,
        }
        return {name: value for name, value in options.items() if value is not None}

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("data"):
            data = Path(values["data"]).expanduser().resolve()
            values = {**_inside(data), **values, "data": data}
        if str(values.get("broker_url")).startswith("filesystem:"):
            values = {"sweep_seconds": 5, "log_format": "people", **values}
        for kind in ("database", "broker"):
            values = _with_password(values, kind)
        return values

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        url = _parsed(value)
        if url.get_backend_name() == "sqlite":
            return _sqlite(url)
        if url.get_backend_name() in ("postgresql", "postgres"):
            return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        raise ValueError("must begin with sqlite:/// or postgresql://")

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if not value.startswith(("redis://", "rediss://", "filesystem:///")):
            raise ValueError("must begin with redis://, rediss:// or filesystem:/// and an absolute path")
        return value

    @field_validator("storage_url")
    @classmethod
    def _known_storage(cls, value: str) -> str:
        if not value.startswith("file:///") and not (value.startswith("s3://") and urlsplit(value).netloc):
            raise ValueError("must begin with file:/// and an absolute path, or with s3:// and a bucket")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, value: str) -> str:
        for origin in filter(None, (part.strip() for part in value.split(","))):
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc.lower()}":
                raise ValueError("must name origins such as https://app.example.org, separated by commas")
        return value

    @model_validator(mode="after")
    def _beats_fit_the_lease(self) -> Self:
        if self.heartbeat_seconds > self.lease_seconds / 6:
            raise ValueError(
                f"{PREFIX}HEARTBEAT_SECONDS is {self.heartbeat_seconds:g}, but must be at most a sixth of "
                f"{PREFIX}LEASE_SECONDS ({self.lease_seconds:g}), so that one late beat loses no job"
            )
        return self


class _NamedFiles(PydanticBaseSettingsSource):
    """Values that lie in files named by `DELTARULE_<NAME>_FILE`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{PREFIX}{field_name.upper()}_FILE"
        path = os.environ.get(variable)
        return (_content(variable, path) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _content(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{variable} names {path}, which cannot be read: {reason}.") from None


def _inside(data: Path) -> dict[str, Any]:
    return {
        "database_url": URL.create("sqlite", database=str(data / "deltarule.sqlite3")).render_as_string(),
        "broker_url": f"filesystem://{quote(str(data / 'broker'))}",
        "storage_url": f"file://{quote(str(data / 'blobs'))}",
    }


def _with_password(values: dict[str, Any], kind: str) -> dict[str, Any]:
    password, url = values.get(f"{kind}_password"), values.get(f"{kind}_url")
    if not password or not isinstance(url, str):
        return values
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(f"{PREFIX}{kind.upper()}_URL is not a URL") from None
    user, _, host = parts.netloc.rpartition("@")
    address = f"{user.partition(':')[0]}:{quote(password, safe='')}@{host}"
    return {**values, f"{kind}_url": urlunsplit(parts._replace(netloc=address))}


def _parsed(value: str) -> URL:
    try:
        return make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("is not a URL; it must look like postgresql://user@host/name") from None


def _sqlite(url: URL) -> str:
    if url.database in (None, "", ":memory:"):
        raise ValueError("must name a file, such as sqlite:////var/lib/deltarule/deltarule.sqlite3")
    return url.set(drivername="sqlite").render_as_string(hide_password=False)


def _as_variable(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sentence(fault: ErrorDetails) -> str:
    """One fault as a sentence that names its variable; values of URLs and passwords are never repeated."""
    message = fault["msg"].removeprefix("Value error, ").rstrip(".")
    if not fault["loc"]:
        return f"{message}."
    field = str(fault["loc"][0])
    variable = f"{PREFIX}{field.upper()}"
    if fault["type"] == "missing":
        return f"{variable} is not set; set it, or set {PREFIX}DATA to a folder to run on one machine."
    if fault["type"] == "extra_forbidden":
        return f"{variable} is not a setting."
    if field.endswith(("_url", "_password", "_key")):
        return f"{variable} {message}."
    return f"{variable} is {fault['input']!r}: {message[0].lower()}{message[1:]}."


def _refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Refuse a variable that is nearly the name of a setting, because it would be ignored silently."""
    names = {name.upper() for name in Settings.model_fields}
    names |= {f"{name}_FILE" for name in names} | OTHERS
    for variable in environment:
        name = variable.removeprefix(PREFIX)
        near = get_close_matches(name, names, n=1, cutoff=0.85)
        if variable.startswith(PREFIX) and name not in names and near:
            raise SettingsError(f"{variable} is not a setting; did you mean {PREFIX}{near[0]}?")
