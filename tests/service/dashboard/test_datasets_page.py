import io
import json

from flask.testing import FlaskClient

from service.services import Services
from tests.service.dashboard.conftest import ORIGIN, Browser

FILL = "..dataset-columns.children...dataset-page.data...dataset-sample.children.."


def table(
    text: str = "length,colour\n1.5,red\n2.5,blue\n", name: str = "colours.csv"
) -> dict[str, tuple[io.BytesIO, str, str]]:
    return {"file": (io.BytesIO(text.encode()), name, "application/octet-stream")}


def test_the_list_names_every_table(browser: Browser, dataset_id: str) -> None:
    shown = browser.open("/datasets")
    assert f'"/datasets/{dataset_id}"' in shown
    assert '"rows": 60, "columns": 3' in shown


def test_without_tables_the_list_says_so(browser: Browser) -> None:
    assert "There is no table yet." in browser.open("/datasets")


def test_a_table_is_described_with_its_first_rows(browser: Browser, dataset_id: str) -> None:
    shown = browser.open(f"/datasets/{dataset_id}")
    assert "0 to 59" in shown
    assert '"children": "red"' in shown
    assert f"/datasets/{dataset_id}/content" in shown


def fill(browser: Browser, dataset_id: str, page: int = 1, wanted: str = "") -> dict[str, object]:
    inputs = {"dataset-page.value": str(page), "dataset-search.value": wanted}
    answer = browser.call(FILL, inputs, {"dataset-shown.data": dataset_id})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json["response"]
    return found


def test_columns_are_filled_with_their_distributions(browser: Browser, dataset_id: str) -> None:
    shown = json.dumps(fill(browser, dataset_id))
    assert "Histogram of length from 0 to 59" in shown
    assert "How often each text of colour is there" in shown


def test_many_columns_come_in_pages_and_are_found_by_name(client: FlaskClient, browser: Browser) -> None:
    head = ",".join(f"pixel_{place}" for place in range(60))
    posted = client.post("/v1/datasets", data=f"{head}\n{','.join('1' * 60)}\n", content_type="text/csv")
    last = fill(browser, posted.json["id"], page=3)
    assert last["dataset-page"] == {"data": ["1", "2", "3"]}
    assert "pixel_48" in json.dumps(last)
    assert "pixel_47" not in json.dumps(last)
    found = fill(browser, posted.json["id"], page=3, wanted=" PIXEL_1")
    assert found["dataset-page"] == {"data": ["1"]}
    assert "pixel_19" in json.dumps(found)
    assert "No column has a name like that." in json.dumps(fill(browser, posted.json["id"], wanted="colour"))


def test_an_upload_is_kept_for_whoever_is_signed_in(
    client: FlaskClient, services: Services, browser: Browser, secret: str
) -> None:
    assert client.post("/datasets", data=table(), headers=ORIGIN).status_code == 401
    browser.sign_in(secret)
    kept = client.post("/datasets", data=table(), headers=ORIGIN)
    assert kept.status_code == 201
    owner = services.keys.find(secret)
    assert owner is not None
    assert services.datasets.get(owner.id, kept.json["id"]).name == "colours"
    content = client.get(f"/datasets/{kept.json['id']}/content")
    assert content.data.startswith(b"length,colour")
    stranger = services.keys.add("another")[1]
    browser.sign_in(stranger)
    assert client.get(f"/datasets/{kept.json['id']}/content").status_code == 404


def test_an_upload_that_is_no_table_says_why(client: FlaskClient) -> None:
    answer = client.post("/datasets", data=table("length\n1\n1,2\n"), headers=ORIGIN)
    assert answer.status_code == 422
    assert client.get("/v1/datasets").json["items"] == []


def test_an_upload_of_another_sites_page_is_refused(client: FlaskClient) -> None:
    assert client.post("/datasets", data=table(), headers={"Origin": "http://elsewhere.example"}).status_code == 403


def test_an_upload_over_the_limit_is_refused(client: FlaskClient, services: Services) -> None:
    object.__setattr__(services.settings, "dataset_limit_bytes", 100)
    assert client.post("/datasets", data=table("length\n" + "1\n" * 100), headers=ORIGIN).status_code == 413


def test_a_table_that_is_not_needed_can_be_deleted(client: FlaskClient, browser: Browser, dataset_id: str) -> None:
    answer = browser.call(
        "dataset-removed.data", {"dataset-remove-now.n_clicks": 1}, {"dataset-removed.data": dataset_id}
    )
    assert answer.status_code == 200
    assert answer.json["sideUpdate"]["address"] == {"href": "/datasets"}
    assert client.get(f"/v1/datasets/{dataset_id}").status_code == 404


def test_a_table_that_a_job_needs_stays(client: FlaskClient, browser: Browser, dataset_id: str) -> None:
    client.post("/v1/jobs", json={"dataset_id": dataset_id, "target": "colour"})
    answer = browser.call(
        "dataset-removed.data", {"dataset-remove-now.n_clicks": 1}, {"dataset-removed.data": dataset_id}
    )
    assert "is needed by job" in answer.text
    assert client.get(f"/v1/datasets/{dataset_id}").status_code == 200
