from pathlib import Path

import pytest

from tests.service.fuzzing import attack, links_followed, walk
from tests.stack import running_stack


@pytest.mark.xdist_group("stack")
@pytest.mark.timeout(600)
def test_what_the_document_allows_and_forbids_is_answered_as_it_says(tmp_path: Path) -> None:
    with running_stack(tmp_path / "data") as client:
        found = attack(client, tmp_path, examples=4, phases=("examples", "fuzzing"))
        walked = walk(client, tmp_path, examples=8)
    assert found.returncode == 0, found.stdout[-6000:] + found.stderr
    assert walked.returncode == 0, walked.stdout[-6000:] + walked.stderr
    # Which links it comes by is left to chance; a third of them it always meets.
    followed, all_of_them = links_followed(walked)
    assert followed > all_of_them / 3, walked.stdout
