from deltarule.training.naming import NAMES_COMPARED, listed, no_such_column

NAMES = ["species", "island", "bill_length_mm"]


def test_a_misspelt_name_finds_the_one_that_was_meant() -> None:
    assert no_such_column("speceis", NAMES) == "There is no column speceis; did you mean species?"


def test_capital_letters_do_not_hide_a_name() -> None:
    assert "did you mean Bill Length" not in no_such_column("bill length", ["Bill Length"])
    assert "did you mean 'Bill Length'?" in no_such_column("bill length", ["Bill Length"])


def test_another_name_is_told_what_there_is() -> None:
    assert no_such_column("weight", NAMES) == (
        "There is no column weight; the columns are species, island, bill_length_mm."
    )


def test_many_names_are_cut_short() -> None:
    names = [f"c{number}" for number in range(25)]

    assert listed(names).endswith("c19 and 5 more")


def test_a_very_wide_table_is_not_searched_to_its_end() -> None:
    names = [f"{number:06}" for number in range(NAMES_COMPARED)] + ["species"]

    assert "did you mean" not in no_such_column("speceis", names)
