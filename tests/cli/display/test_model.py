import pytest
from rich.console import Console

from deltarule.cli.display.model import model_facts
from deltarule.client import Client


@pytest.fixture
def told(service: str) -> str:
    with Client(service) as client:
        model = client.submit({"dataset_id": "any", "name": "mine"}).wait().model()
    console = Console(width=80)
    with console.capture() as capture:
        console.print(model_facts(model.answer))
    return capture.get()


def test_a_model_says_what_it_takes_what_it_says_and_how_well(told: str) -> None:
    for part in ("classification of species", "bill", "4 relu → 2 softmax", "26 parameters, 2.05 kB", "75.0%"):
        assert part in told
    assert "true \\ predicted" in told
