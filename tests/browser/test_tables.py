"""From a table to an answer in the browser: upload, write a job, watch it, ask its model, take it home."""

import json
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PENGUINS, PHONE, MakePage, Watch

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
DONE = 120_000


def pick(page: Page, field: str, option: str) -> None:
    """Choose an option of a field that is searched."""
    page.get_by_label(field, exact=True).first.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def test_a_table_becomes_a_model_that_answers(page: Page) -> None:
    page.goto("/datasets")
    page.get_by_label("Upload a table").set_input_files(PENGUINS)
    expect(page).to_have_title("Dataset · Deltarule")
    expect(page.get_by_role("img", name="Histogram of bill_length_mm")).to_be_visible()
    page.get_by_role("link", name="Train on it").click()
    expect(page).to_have_title("New job · Deltarule")
    pick(page, "Target", "species")
    page.keyboard.press("Escape")
    judged = page.locator("#new-judged")
    expect(judged).to_contain_text("Parameters")
    expect(judged).to_contain_text("classification")
    page.get_by_label("Epochs", exact=True).fill("20")
    expect(page.locator("#new-json")).to_contain_text('"epochs": 20')
    page.get_by_role("button", name="Start training").click()
    expect(page).to_have_title("Job · Deltarule")
    expect(page.locator("#job-standing")).to_contain_text("succeeded", timeout=DONE)
    page.goto("/models")
    page.locator(".cell-link").first.click()
    expect(page).to_have_title("Model · Deltarule")
    expect(page.get_by_role("table", name="Confusion matrix")).to_be_visible()
    page.get_by_label("bill_length_mm").fill("")
    page.get_by_role("button", name="Predict").click()
    answered = page.locator("#model-answer")
    expect(answered.get_by_role("list", name="Probabilities").get_by_role("listitem")).to_have_count(3)
    expect(answered).to_contain_text("is missing; it counts as")
    with page.expect_download() as taken:
        page.get_by_role("link", name="JSON", exact=True).click()
    assert json.loads(taken.value.path().read_text())["target"] == ["species"]


def test_faults_stand_at_their_fields_and_go_when_they_are_mended(page: Page, penguins: str) -> None:
    page.goto(f"/new?dataset={penguins}")
    expect(page.locator("#new-judged")).to_contain_text("Choose what to predict.")
    pick(page, "Target", "species")
    page.keyboard.press("Escape")
    pick(page, "Class weight", "by class")
    page.get_by_label("Weight of Adelie").fill("2")
    expect(page.locator("#new-json")).to_contain_text('"Adelie": 2')
    page.get_by_role("button", name="Choose the layers yourself").click()
    units = page.get_by_role("group", name="Layer 1").get_by_label("Units")
    units.fill("70000")
    told = page.get_by_role("group", name="Layer 1").locator(".mantine-InputWrapper-error")
    expect(told).to_contain_text("65536")
    expect(page.locator("#new-judged")).to_contain_text("One thing has to be changed")
    units.fill("9")
    expect(told).to_have_count(0)
    expect(page.locator("#new-judged")).to_contain_text("9 ")
    page.get_by_role("button", name="Remove layer 2").click()
    expect(page.get_by_role("group", name="Layer 2")).to_have_count(0)
    page.get_by_role("button", name="Add a layer").click()
    page.get_by_role("button", name="Move layer 2 towards the input").click()
    expect(page.get_by_role("group", name="Layer 2").get_by_label("Units")).to_have_value("9")


def test_what_is_no_table_is_told(page: Page, watch: Watch) -> None:
    watch.expect("status of 422")
    page.goto("/datasets")
    torn = {"name": "torn.csv", "mimeType": "text/csv", "buffer": b"length\n1\n1,2\n"}
    page.get_by_label("Upload a table").set_input_files([torn])
    expect(page.locator(".upload-wrong")).to_contain_text("line 3")


def test_a_table_is_deleted_after_a_question(page: Page, stack: httpx.Client) -> None:
    headers = {"Content-Type": "text/csv"}
    posted = stack.post("/v1/datasets", params={"name": "short-lived"}, content=b"length\n1\n", headers=headers).json()
    page.goto(f"/datasets/{posted['id']}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete the dataset").click()
    expect(page).to_have_title("Datasets · Deltarule")
    assert stack.get(f"/v1/datasets/{posted['id']}").status_code == 404


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_for_everybody(
    make_page: MakePage, trained: dict[str, Any], penguins: str, size: dict[str, int], scheme: str
) -> None:
    page = make_page(viewport=size, color_scheme=scheme)
    model = f"model={trained['model_id']}"
    paths = ("/datasets", f"/datasets/{penguins}", "/models", f"/models/{trained['model_id']}")
    for path in (*paths, f"/new?dataset={penguins}", f"/new?{model}"):
        page.goto(path)
        expect(page.locator("#content .heading")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        found = Axe().run(page, options=WCAG).response["violations"]
        told = [(path, each["id"], [node["html"][:160] for node in each["nodes"][:4]]) for each in found]
        assert told == []
