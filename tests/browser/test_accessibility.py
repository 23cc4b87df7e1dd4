"""Contrast, names and order by the rules of WCAG 2.1 AA, in light and dark, as axe judges them."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from service.dashboard.table import PAGES
from tests.browser.conftest import MakePage

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_pages_keep_the_rules(make_page: MakePage, trained: dict[str, Any], path: str, scheme: str) -> None:
    for variable, identifier in (
        ("<id:job_id>", trained["id"]),
        ("<id:model_id>", trained["model_id"]),
        ("<id:dataset_id>", trained["spec"]["dataset_id"]),
    ):
        path = path.replace(variable, identifier)
    page = make_page(color_scheme=scheme, bypass_csp=True)  # axe is put into the page as text
    page.goto(path)
    expect(page.locator("#content .heading")).to_be_visible()
    page.wait_for_load_state("networkidle")
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
