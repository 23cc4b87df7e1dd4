"""The stepper in the browser: forward, back and updated, through a trained model and through a network typed in."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, MakePage

PHASES = ["Forward", "The loss", "Backward", "Update", "After the step"]
ONE_UNIT = {
    "network": {"layers": [{"activation": "sigmoid", "weights": [[2]], "biases": [-1]}]},
    "loss": {"name": "half_squared_error"},
    "optimizer": {"name": "sgd", "learning_rate": 8},
    "inputs": [[0.5]],
    "targets": [[1]],
}
"""z = 2 · 0.5 - 1 = 0, a = 1/2, E = (1/2 - 1)² / 2 = 1/8, δ = (1/2 - 1) · 1/4 = -1/8, and with η = 8 the bias is 0."""


def test_a_trained_model_is_walked_through_without_asking_the_service(page: Page, trained: dict[str, Any]) -> None:
    page.goto(f"/models/{trained['model_id']}")
    page.get_by_role("link", name="Step through it").click()
    expect(page).to_have_title("Backpropagation, step by step · Deltarule")
    title, position = page.locator(".step-title"), page.locator("#stepper-position")
    expect(title).to_have_text("Forward, layer 1: net inputs z1")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    told = [title.inner_text()]
    for _ in range(int(position.inner_text().rpartition(" ")[2]) - 1):
        page.keyboard.press("ArrowRight")
        expect(title).not_to_have_text(told[-1])
        told.append(title.inner_text())
    assert list(dict.fromkeys(re.split("[,:]", each)[0] for each in told)) == PHASES
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_role("button", name="Previous").click()
    expect(title).to_have_text(told[-2])
    assert page.locator("#stepper-drawing .weight-active.negative").count() > 0
    assert asked == []


def test_a_small_network_is_typed_in(page: Page) -> None:
    page.goto("/stepper")
    text, board = page.get_by_label("What is explained"), page.locator("#stepper-board")
    text.fill(json.dumps(ONE_UNIT))
    page.get_by_role("button", name="Show its steps").click()
    expect(page.locator("#stepper-position")).to_have_text("1 of 7")
    expect(page.locator("#stepper-drawing .value")).to_have_text(["0.5", "0"])
    onward = page.get_by_role("button", name="Next")
    for told in (
        "a1₁ = 1 / (1 + exp(-0)) = 0.50",
        "The loss: 0.125",
        "= -0.125",
        "gradients of weights",
        "Update, layer 1",
    ):
        onward.click()
        expect(board).to_contain_text(told)
    expect(board).to_contain_text("b1₁")
    text.fill('{"network": {"layers": [{"activation": "sigmoidal"}]}}')
    page.get_by_role("button", name="Show its steps").click()
    expect(page.locator("#notice")).to_contain_text("/network/layers/0/activation")
    expect(page.locator("#notice")).to_be_in_viewport()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "dark")])
def test_the_lesson_of_vanishing_gradients_is_a_click_away_and_whole(
    make_page: MakePage, size: dict[str, int], scheme: str
) -> None:
    page = make_page(viewport=size, color_scheme=scheme)
    page.goto("/lessons")
    page.get_by_role("link", name="Its gradients, layer by layer").click()
    norms = page.locator(".norms")
    expect(norms).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert norms.evaluate_all("tables => tables.every(one => one.offsetWidth <= one.parentElement.clientWidth)")
