"""Lessons in the browser: started with a click, judged when their jobs have ended."""

from playwright.sync_api import Page, expect


def test_a_lesson_is_started_and_comes_out(page: Page) -> None:
    page.goto("/lessons")
    page.get_by_role("button", name="Start the 2 jobs of: Exclusive or needs a hidden layer").click()
    state = page.locator("#lessons-state-1_xor")
    expect(state.get_by_role("row")).to_have_count(3)
    expect(state.get_by_text("came out", exact=True)).to_have_count(2)
    expect(state).to_contain_text("Found: 0.6931.")
    state.get_by_role("link", name="Compare them").click()
    expect(page).to_have_title("Compare jobs · Deltarule")
    expect(page.locator("#compare-tables")).to_contain_text("Lesson XOR: four hidden units")
