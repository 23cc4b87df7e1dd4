import re
from pathlib import Path

from deltarule.store.settings import Settings
from deltarule.store.states import ENDED, HELD, LIVING, MOVES, SENTENCES, Status


def test_the_names_are_those_of_the_contract() -> None:
    assert [str(status) for status in Status] == [
        "queued",
        "running",
        "cancelling",
        "succeeded",
        "failed",
        "cancelled",
    ]


def test_every_state_has_a_sentence_and_its_moves() -> None:
    assert set(SENTENCES) == set(MOVES) == set(Status)
    for status in Status:
        assert status.sentence.endswith(".")


def test_nothing_leaves_an_end_state_and_every_other_state_reaches_one() -> None:
    assert {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED} == ENDED
    assert all(status.ended == (status in ENDED) for status in Status)
    for status in LIVING:
        reached = {status}
        for _ in Status:
            reached |= {target for source in reached for target in MOVES[source]}
        assert reached & ENDED


def test_a_worker_holds_what_runs() -> None:
    assert {Status.RUNNING, Status.CANCELLING} == HELD
    assert HELD | {Status.QUEUED} == LIVING
    assert all(Status.QUEUED not in MOVES[status] for status in HELD - {Status.RUNNING})


def test_the_picture_in_the_readme_has_every_move_and_no_other() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    picture = readme.partition("stateDiagram-v2")[2].partition("```")[0]
    drawn = re.findall(r"^ +(\S+) --> (\w+): .+$", picture, re.MULTILINE)
    assert ("[*]", "queued") in drawn
    moves = {(str(source), str(target)) for source, targets in MOVES.items() for target in targets}
    assert set(drawn) - {("[*]", "queued")} == moves


def test_the_page_on_reliability_has_every_state_and_its_sentence() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text()
    told = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert told == [(str(status), status.sentence) for status in Status]


def test_the_page_on_reliability_names_settings_that_there_are() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reliability.md").read_text()
    named = set(re.findall(r"DELTARULE_(\w+)", page))
    containers = set(re.findall(r"DELTARULE_(\w+)", (Path(__file__).parents[2] / "docker-compose.yml").read_text()))
    assert named <= {name.upper() for name in Settings.model_fields} | containers
