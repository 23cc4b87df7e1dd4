"""What every page has around it, in the browser: the door, the keyboard, light and dark, a service that goes away."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, MakePage, Watch
from tests.stack import running_stack


def test_the_keyboard_comes_first_to_the_content(page: Page, trained: dict[str, Any]) -> None:
    page.goto("/")
    expect(page.locator("#content .heading")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert trained["id"]


def test_light_and_dark_are_kept(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Switch between light and dark").click()
    dark = "document.documentElement.dataset.mantineColorScheme === 'dark'"
    page.wait_for_function(dark)
    page.reload()
    page.wait_for_function(dark)


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


def test_nothing_is_asked_while_nobody_looks(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#content .heading")).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert asked == []
    with page.expect_request("**/_dash-update-component"):
        page.evaluate("Object.defineProperty(document, 'hidden', {get: () => false, configurable: true})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.timeout(240)
def test_a_service_that_went_away_is_waited_for(make_page: MakePage, watch: Watch, tmp_path: Path) -> None:
    watch.expect("ERR_CONNECTION|asked elsewhere: http://127.0.0.1")
    folder = tmp_path / "data"
    with running_stack(folder, DELTARULE_WORKERS="1") as client:
        port = client.base_url.port
        page = make_page(str(client.base_url))
        page.goto("/")
        expect(page.locator("#content .heading")).to_be_visible()
    banner = page.locator("#connection")
    expect(banner).to_have_text("The service does not answer; trying again.")
    with running_stack(folder, port=port, DELTARULE_WORKERS="1"):
        expect(banner).to_be_hidden()
        page.get_by_role("link", name="Compare", exact=True).click()
        expect(page).to_have_title("Compare jobs · Deltarule")
