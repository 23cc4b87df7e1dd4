from typing import Any

from service.services import Services
from tests.service.dashboard.conftest import Browser


def test_opening_a_page_presses_none_of_its_buttons(
    browser: Browser, services: Services, trained: dict[str, Any]
) -> None:
    state = {"job-removed.data": trained["id"]}
    (output,) = browser.outputs("job-remove-now.n_clicks")
    assert browser.call(output, {"job-remove-now.n_clicks": None}, state).status_code == 204
    assert services.jobs.get(None, trained["id"])
    assert browser.call(output, {"job-remove-now.n_clicks": 1}, state).status_code == 200
    assert services.jobs.page(None).items == ()
