from rich.console import Console, RenderableType

from deltarule.cli.display.tables import facts, plain_table


def drawn(part: RenderableType, width: int = 40) -> list[str]:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(part)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_numbers_stand_to_the_right() -> None:
    assert drawn(plain_table(["name", "rows"], [["a", "7"], ["long", "1234"]], ["rows"])) == [
        "name   rows",
        "a         7",
        "long   1234",
    ]


def test_what_is_too_long_is_folded_and_never_cut() -> None:
    lines = drawn(plain_table(["name", "why"], [["a", "word " * 20]]))
    assert " ".join(lines).split().count("word") == 20


def test_facts_that_are_not_known_are_left_out() -> None:
    assert drawn(facts([("name", "a"), ("error", None), ("model", "b")])) == ["name    a", "model   b"]
