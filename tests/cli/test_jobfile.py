from pathlib import Path

import pytest

from deltarule.cli.failures import CommandError
from deltarule.cli.jobfile import read_spec


@pytest.mark.parametrize("name", ["job.json", "job.yaml", "job.YML"])
def test_the_same_job_in_both_forms(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"target": "species", "training": {"epochs": 5}}')
    assert read_spec(path) == {"target": "species", "training": {"epochs": 5}}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("job.json", b"{", "is not JSON"),
        ("job.json", b"\xff", "is not JSON"),
        ("job.json", b"[1]", "holds no object"),
        ("job.yaml", b"a: [1", "is not YAML: .* at line 1"),
        ("job.yaml", b"a: 1\na: 2", "is not YAML: found duplicate key"),
        ("job.yaml", b"- 1", "holds no object"),
        ("job.yaml", b"", "holds no object"),
        ("job.yaml", b"\xff\xff", "is not YAML"),
        ("job.yaml", b"a: !!python/object/apply:os.system [ls]", "is not YAML"),
        ("job.yaml", b"a: &a [*a]", ""),
    ],
)
def test_what_is_no_job_is_refused(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    if not sentence:
        assert set(read_spec(path)) == {"a"}
        return
    with pytest.raises(CommandError, match=sentence):
        read_spec(path)
