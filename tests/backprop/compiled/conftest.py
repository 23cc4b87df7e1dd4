"""The kernels are ready before the first of these tests runs, so that none of them waits for a compiler."""

import pytest

from deltarule.backprop.compiled import prepare


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Compiling, where nothing is cached yet, falls on whichever test comes first."""
    for item in items:
        if "tests/backprop/compiled" in item.path.as_posix():
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(scope="session", autouse=True)
def _prepared() -> None:
    prepare()
