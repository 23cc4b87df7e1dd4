"""The dashboard in a real browser: the whole service as a user starts it, and pages that may do nothing unseemly."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.stack import ended, running_stack

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser without a screen, that talks to nobody by itself."""
ARTIFACTS = Path(__file__).parents[2] / "artifacts"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MILLISECONDS = 30_000
PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the running service, which all tests of this process share; no key is set up."""
    with running_stack(tmp_path_factory.mktemp("browser") / "data", DELTARULE_WORKERS="1") as client:
        yield client


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine; where there is none, the tests fail."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    assert Path(CHROMIUM).exists(), "these tests need Debian's package chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Watch:
    """What pages have complained of, and where they have looked."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """Complaints that match are part of the test, as those of a connection that it has cut."""
        self.expected.append(pattern)

    def follow(self, page: Page, host: str) -> None:
        """Listen to a page, which may ask this host and no other."""

        def asked(request: Request) -> None:
            if not request.url.startswith((f"{host}/", "data:", "blob:")):
                self.complaints.append(f"asked elsewhere: {request.url}")

        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("request", asked)

    def unexpected(self) -> list[str]:
        return [said for said in self.complaints if not any(re.search(pattern, said) for pattern in self.expected)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What is watched in this test; it fails for whatever was not expected."""
    watched = Watch()
    yield watched
    assert watched.unexpected() == []


MakePage = Callable[..., Page]


@pytest.fixture
def make_page(chromium: Browser, watch: Watch, request: pytest.FixtureRequest) -> Iterator[MakePage]:
    """A function that opens pages of a new browser each, of any size and colour scheme, and of any service.

    A picture of each is kept in `artifacts/` when the test ends, however it ends.
    """
    contexts: list[BrowserContext] = []

    def make(base_url: str | None = None, **options: Any) -> Page:  # noqa: ANN401 -- what Playwright takes
        base = (base_url or str(request.getfixturevalue("stack").base_url)).rstrip("/")
        context = chromium.new_context(base_url=base, **({"viewport": DESKTOP} | options))
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        contexts.append(context)
        opened = context.new_page()
        watch.follow(opened, base)
        return opened

    yield make
    for number, context in enumerate(contexts):
        for opened in context.pages:
            keep_picture(opened, f"{request.node.name}{f'-{number}' if number else ''}")
        context.close()


@pytest.fixture
def page(make_page: MakePage) -> Page:
    """A page as on a desk."""
    return make_page()


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page in `artifacts/`."""
    ARTIFACTS.mkdir(exist_ok=True)
    # What sticks to the upper edge would stand in the middle of a page that was scrolled.
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=ARTIFACTS / f"{re.sub(r'[^a-zA-Z0-9.-]+', '_', name).strip('_')}.png", full_page=True)


@pytest.fixture(scope="session")
def penguins(stack: httpx.Client) -> str:
    """The id of an uploaded table."""
    headers = {"Content-Type": "text/csv"}
    answer = stack.post("/v1/datasets", params={"name": "penguins"}, content=PENGUINS.read_bytes(), headers=headers)
    identifier: str = answer.raise_for_status().json()["id"]
    return identifier


@pytest.fixture(scope="session")
def trained(stack: httpx.Client, penguins: str) -> dict[str, Any]:
    """A job that has succeeded."""
    body = {"name": "penguins", "dataset_id": penguins, "target": "species", "training": {"epochs": 30, "seed": 1}}
    job = ended(stack, stack.post("/v1/jobs", json=body).raise_for_status().json())
    assert job["status"] == "succeeded", job
    return job
