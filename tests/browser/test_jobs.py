"""Jobs as a user sees them: the list, one of them as it trains, several beside each other."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, MakePage
from tests.stack import ended

LONG = {"epochs": 1_000_000, "early_stopping": None, "seed": 1}


def queue(stack: httpx.Client, dataset: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- fields of a job
    body = {"dataset_id": dataset, "target": "species", **more}
    job: dict[str, Any] = stack.post("/v1/jobs", json=body).raise_for_status().json()
    return job


def row(page: Page, name: str) -> Any:  # noqa: ANN401 -- a locator
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_follow_the_system(
    make_page: MakePage, trained: dict[str, Any], size: dict[str, int], scheme: str
) -> None:
    page = make_page(viewport=size, color_scheme=scheme)
    for path in ("/", f"/jobs/{trained['id']}", f"/compare?ids={trained['id']}"):
        page.goto(path)
        expect(page.locator("#content .heading")).to_be_visible()
        assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == scheme
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_list_shows_a_job_and_leads_to_it(page: Page, trained: dict[str, Any]) -> None:
    page.goto("/")
    expect(page).to_have_title("Jobs · Deltarule")
    shown = row(page, "penguins").first
    expect(shown).to_contain_text("succeeded")
    expect(shown.locator(".curve path")).to_have_count(1)
    page.locator(f'a[href="/jobs/{trained["id"]}"]').click()
    expect(page).to_have_title("Job · Deltarule")
    expect(page.locator("#job-losses .scatterlayer .trace")).to_have_count(3)
    page.go_back()
    expect(page).to_have_title("Jobs · Deltarule")


def test_a_job_is_watched_and_cancelled(page: Page, stack: httpx.Client, penguins: str) -> None:
    job = queue(stack, penguins, name="watched", training=LONG)
    page.goto(f"/jobs/{job['id']}")
    facts = page.locator("#job-facts")
    expect(page.locator("#job-standing")).to_contain_text("running")
    expect(facts).to_contain_text("of 1,000,000")
    before = facts.inner_text()
    expect(facts).not_to_have_text(before, use_inner_text=True)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#job-standing")).to_contain_text("cancelled")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    assert ended(stack, job)["status"] == "cancelled"


def test_a_failed_job_says_why_and_what_to_change(page: Page, stack: httpx.Client, penguins: str) -> None:
    network = {"layers": [{"units": 32, "activation": "relu"}, {"activation": "softmax"}]}
    fast = {"name": "sgd", "learning_rate": 1e30}
    job = ended(stack, queue(stack, penguins, name="diverged", network=network, optimizer=fast))
    assert job["status"] == "failed"
    page.goto(f"/jobs/{job['id']}")
    expect(page.locator("#job-troubles")).to_contain_text(job["error"]["detail"])
    expect(page.locator("#job-best")).to_have_text("No epoch was completed: the training diverged.")
    expect(page.locator("#job-plots")).to_be_hidden()


def test_jobs_are_chosen_compared_and_deleted(page: Page, stack: httpx.Client, penguins: str) -> None:
    names = ("slow one", "fast one")
    for name, rate in zip(names, (0.001, 0.02), strict=True):
        plan = {"epochs": 10, "seed": 1}
        job = queue(stack, penguins, name=name, optimizer={"name": "adam", "learning_rate": rate}, training=plan)
        ended(stack, job)
    page.goto("/")
    for name in names:
        row(page, name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_title("Compare jobs · Deltarule")
    settings = page.locator("#compare-tables")
    expect(settings).to_contain_text("optimizer.learning_rate")
    expect(settings).not_to_contain_text("training.epochs")
    assert page.url.count("%2C") + page.url.count(",") == 1
    page.goto("/")
    row(page, "slow one").get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete them").click()
    expect(row(page, "slow one")).to_have_count(0)
    expect(row(page, "fast one")).to_have_count(1)
