from pathlib import Path

import pytest

from deltarule.cli.output import check_place, console, print_json, print_table, save


def test_json_is_readable_and_keeps_its_letters(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "Ä"})
    assert capsys.readouterr().out == '{\n  "name": "Ä"\n}\n'


def test_a_table_in_a_pipe_has_one_line_for_each_row_and_no_control_codes(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "rows"), [("a" * 150, "7"), ("[b]", "12")], ["rows"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["name", "rows"], ["a" * 150, "7"], ["[b]", "12"]]
    assert "\x1b" not in "".join(lines)


def test_a_pipe_is_wide_and_no_terminal() -> None:
    assert not console().is_terminal
    assert console(stderr=True).width == 240


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    save(b"first", tmp_path / "model.npz")
    with pytest.raises(IsADirectoryError):
        save(b"second", tmp_path)
    assert (tmp_path / "model.npz").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


def test_without_a_file_bytes_go_to_stdout(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    save(b"\x00\xff", None)
    assert capfdbinary.readouterr().out == b"\x00\xff"


def test_a_file_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    check_place(tmp_path / "model.npz")
    with pytest.raises(IsADirectoryError, match="name a file in it"):
        check_place(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        check_place(tmp_path / "none" / "model.npz")


def test_a_disk_that_is_full_is_told_of_the_file_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device", "part")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space left on device; nothing was written") as caught:
        save(b"1", tmp_path / "model.npz")
    assert caught.value.filename == str(tmp_path / "model.npz")
    assert list(tmp_path.iterdir()) == []
