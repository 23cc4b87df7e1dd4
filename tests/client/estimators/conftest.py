from collections.abc import Iterator

import pytest

from tests.stack import running_stack


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_stack(tmp_path_factory.mktemp("estimators") / "data") as client:
        yield str(client.base_url)


@pytest.fixture
def url(service: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a running service, which the environment names too."""
    monkeypatch.setenv("DELTARULE_URL", service)
    return service
