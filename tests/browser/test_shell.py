"""What every page has around it, in the browser: the door, the keyboard, light and dark, a service that goes away."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from service.dashboard.polling import IDLE_MILLISECONDS
from tests.browser.conftest import PHONE, MakePage, Watch, keep_picture
from tests.stack import running_stack

ENDLESS = {
    "name": "without end",
    "data": {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
    "training": {"epochs": 10_000_000, "early_stopping": None, "validation_fraction": 0},
}
MOST_FILES = 14
"""Scripts and styles of a page."""
LIBRARIES = re.compile("_dash-component-suites")
POLLED = re.compile("/_dash-update-component")


def test_the_keyboard_comes_first_to_the_content(page: Page, trained: dict[str, Any]) -> None:
    page.goto("/")
    expect(page.locator("#content .heading")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert trained["id"]


def test_a_page_asks_for_each_thing_once_and_for_nothing_that_it_does_not_show(
    page: Page, trained: dict[str, Any]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path, shown, other in (("/", ".ag-row", "plotly"), (f"/jobs/{trained['id']}", ".scatterlayer", "async-comm")):
        asked.clear()
        page.goto(path)
        expect(page.locator(shown).first).to_be_visible()
        files = [url for url in asked if re.search(r"\.(js|css)\b", url)]
        assert sorted(set(files)) == sorted(files)
        assert len(files) <= MOST_FILES
        assert not any(other in url or "/_dash-layout" in url for url in asked)


def test_words_are_there_before_the_libraries_and_only_once_after_them(page: Page, trained: dict[str, Any]) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(LIBRARIES, hold)
    page.goto("/", wait_until="commit")
    first = page.locator("#first-paint")
    expect(first.get_by_role("heading", name="Jobs")).to_be_visible()
    expect(first.get_by_role("link", name=trained["name"], exact=True).first).to_be_visible()
    keep_picture(page, "first paint")
    for route in held:
        route.continue_()
    page.unroute(LIBRARIES)
    expect(page.locator(".ag-row").first).to_be_visible()
    expect(first).to_have_count(0)


def test_the_first_words_are_light_or_dark_as_was_chosen(page: Page) -> None:
    page.goto("/lessons")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.route(LIBRARIES, lambda _: None)
    page.goto("/lessons", wait_until="commit")
    expect(page.locator("#first-paint").get_by_role("heading", name="Lessons")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_only_who_goes_on_asks_for_a_page_and_for_the_library_that_it_needs(
    page: Page, trained: dict[str, Any]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    page.goto("/lessons")
    expect(page.locator("#content .heading")).to_have_text("Lessons")
    assert not any("dash_ag_grid" in one or "content.children" in one for one in asked)
    page.get_by_role("link", name="Jobs", exact=True).click()
    expect(page.get_by_role("link", name=trained["name"]).first).to_be_visible()
    expect(page.locator("#content .heading")).to_be_focused()
    assert sum("dash_ag_grid" in one for one in asked) == 2
    assert sum("content.children" in one for one in asked) == 1


def test_a_library_that_is_late_or_does_not_come_keeps_no_page_away(
    page: Page, trained: dict[str, Any], watch: Watch
) -> None:
    watch.expect(r"Failed to load resource: net::ERR_FAILED")
    held: list[Route] = []
    page.goto("/lessons")
    expect(page.locator("#content .heading")).to_have_text("Lessons")

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("dash_ag_grid"), hold, times=1)
    with page.expect_request(re.compile("dash_ag_grid")):
        page.get_by_role("link", name="Jobs", exact=True).click()
    # Another page that needs it asks while it is still on its way, and then it is lost.
    with page.expect_response(re.compile("_dash-update-component")):
        page.get_by_role("link", name="Models", exact=True).click()
    held[0].abort()
    expect(page.locator("#content .heading")).to_have_text("Models")
    expect(page.get_by_role("link", name=trained["name"]).first).to_be_visible()


def test_light_and_dark_are_kept(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_the_navigation_opens_and_closes_on_a_phone(make_page: MakePage) -> None:
    page = make_page(viewport=PHONE)
    page.goto("/")
    entry = page.get_by_role("link", name="Compare", exact=True)
    expect(entry).not_to_be_in_viewport()
    page.get_by_role("button", name="Navigation").click()
    expect(entry).to_be_in_viewport()
    entry.click()
    expect(page).to_have_title("Compare jobs · Deltarule")
    expect(entry).not_to_be_in_viewport()


def look(page: Page, hidden: str) -> None:
    """Hide the page or show it, as a browser does when its user turns to another tab."""
    page.evaluate(
        f"() => {{Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}});"
        "document.dispatchEvent(new Event('visibilitychange'))}"
    )


def test_a_page_asks_when_it_is_looked_at_and_not_while_it_is_hidden(page: Page) -> None:
    page.clock.install()
    page.goto("/")
    expect(page.locator("#content .heading")).to_be_visible()
    with page.expect_request(POLLED):
        page.clock.run_for(IDLE_MILLISECONDS)
    look(page, hidden="true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(10 * IDLE_MILLISECONDS)
    assert asked == []
    with page.expect_request(POLLED):
        look(page, hidden="false")


@pytest.mark.timeout(240)
def test_a_service_that_went_away_is_waited_for_and_its_job_watched_again(
    make_page: MakePage, watch: Watch, tmp_path: Path
) -> None:
    # However the end of a service cuts what was asked just then.
    cut = "CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|CONTENT_LENGTH_MISMATCH"
    watch.expect(rf"Failed to load resource: net::ERR_({cut})$")
    folder, banner = tmp_path / "data", "The service does not answer; trying again."
    with running_stack(folder, DELTARULE_WORKERS="1") as client:
        port = client.base_url.port
        job = client.post("/v1/jobs", json=ENDLESS).raise_for_status().json()["id"]
        page = make_page(str(client.base_url))
        page.goto(f"/jobs/{job}")
        facts = page.locator("#job-facts")
        expect(page.locator("#job-standing")).to_contain_text("running")
        expect(page.locator("#job-losses .scatterlayer .trace").first).to_be_visible()
    expect(page.locator("#connection")).to_have_text(banner)
    before = facts.inner_text()
    with running_stack(folder, port=port, DELTARULE_WORKERS="1") as client:
        expect(page.locator("#connection")).to_be_hidden()
        expect(facts).not_to_have_text(before, use_inner_text=True)
        expect(page.locator("#job-moves")).to_contain_text("queued")
        client.post(f"/v1/jobs/{job}/cancel").raise_for_status()
        expect(page.locator("#job-standing")).to_contain_text("cancelled")
