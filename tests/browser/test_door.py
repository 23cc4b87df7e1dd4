"""The door in the browser: who has no key stays outside, and who loses it goes there again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from deltarule.store.database import Database
from deltarule.store.keys import Keys
from deltarule.store.settings import Settings
from tests.browser.conftest import MakePage, Watch
from tests.stack import running_stack

DOOR = "Sign in · Deltarule"


@contextmanager
def keys_of(folder: Path) -> Iterator[Keys]:
    """The keys of a service that runs in this folder, as `deltarule keys` changes them."""
    database = Database.from_settings(Settings.embedded(folder))
    yield Keys(database)
    database.close()


def show(page: Page, secret: str) -> None:
    page.get_by_label("API key").fill(secret)
    page.get_by_role("button", name="Sign in").click()


def test_a_key_opens_the_door_until_it_is_revoked(make_page: MakePage, watch: Watch, tmp_path: Path) -> None:
    watch.expect(r"Failed to load resource: the server responded with a status of 401")
    folder = tmp_path / "data"
    with running_stack(folder, DELTARULE_WORKERS="1") as client, keys_of(folder) as keys:
        key, secret = keys.add("Ada")
        page = make_page(str(client.base_url))
        page.goto("/models")
        expect(page).to_have_title(DOOR)
        show(page, "dr_of_somebody_else")
        expect(page.get_by_role("alert")).to_contain_text("not known here")
        show(page, secret)
        expect(page).to_have_title("Models · Deltarule")
        expect(page.get_by_role("banner")).to_contain_text("Ada")
        assert page.evaluate("document.cookie") == ""
        (cookie,) = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        assert secret not in cookie["value"]
        page.get_by_role("link", name="Jobs", exact=True).click()
        expect(page).to_have_title("Jobs · Deltarule")
        keys.revoke(key.id)
        # Nobody needs to click: the page asks again by itself, and is shown the door.
        expect(page).to_have_title(DOOR)
        show(page, secret)
        expect(page.get_by_role("alert")).to_contain_text("was revoked")
        show(page, keys.add("Grace")[1])
        expect(page).to_have_title("Jobs · Deltarule")
        (cookie,) = page.context.cookies()
        with page.expect_response("**/sign-out"):
            page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_title(DOOR)
        assert page.context.cookies() == []
        page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": str(client.base_url)}])
        page.goto("/models")
        expect(page).to_have_title(DOOR)


def test_each_browser_is_signed_in_for_itself(make_page: MakePage, watch: Watch, tmp_path: Path) -> None:
    # What the page had asked for when its user left.
    watch.expect(r"Failed to load resource: the server responded with a status of 401")
    folder = tmp_path / "data"
    with running_stack(folder, DELTARULE_WORKERS="1") as client, keys_of(folder) as keys:
        _, secret = keys.add("Ada")
        here, there = make_page(str(client.base_url)), make_page(str(client.base_url))
        for page in (here, there):
            page.goto("/models")
            show(page, secret)
            expect(page).to_have_title("Models · Deltarule")
        with here.expect_response("**/sign-out"):
            here.get_by_role("button", name="Sign out").click()
        expect(here).to_have_title(DOOR)
        there.reload()
        expect(there).to_have_title("Models · Deltarule")
