import pytest

from deltarule.training.advice import about_choices, about_losses, about_rows
from deltarule.training.preparation import prepare
from deltarule.training.resolution import resolve
from deltarule.training.tables import Table
from tests.training.making import animals, arrays, job, table_of

ROWS = 40
TABLE = table_of(
    id=list(range(ROWS)),
    name=[f"animal {row}" for row in range(ROWS)],
    mass=[3000 + row for row in range(ROWS)],
    gaps=[None if row % 2 else 1.5 for row in range(ROWS)],
    digit=[row % 4 for row in range(ROWS)],
    price=[row * 2.5 for row in range(ROWS)],
)


def choices(table: Table = TABLE, **fields: object) -> tuple[str, ...]:
    posted = job(**fields)
    return about_choices(posted, resolve(posted, table.schema), table.schema)


def rows(table: Table, **fields: object) -> tuple[str, ...]:
    spec = resolve(job(**fields), table.schema)
    return about_rows(spec, prepare(spec, table))


def test_an_ordinary_job_is_told_nothing() -> None:
    assert choices(animals(), target="species") == ()
    assert rows(animals(), target="species") == ()


def test_whole_numbers_taken_as_classes() -> None:
    told = "The 4 whole numbers in column digit are taken as classes; "

    assert choices(target="digit", features=["mass"])[0].startswith(told)
    assert choices(target="digit", features=["mass"], task="classification") == ()
    assert choices(target="digit", features=["mass"], task="regression") == ()


def test_zero_and_one_need_no_words() -> None:
    assert choices(arrays([[1], [2]], [0, 1])) == ()


def test_columns_that_were_left_out() -> None:
    assert choices(target="price", preprocessing={"missing": "drop"}) == (
        "Not learned from: id only numbers the rows; name has 40 different texts in 40 rows. "
        "Name the features to choose them yourself.",
    )


def test_many_columns_left_out_are_not_all_told() -> None:
    table = table_of(**{f"empty{at}": [None] for at in range(15)}, x=[1], y=[0.5])

    assert "empty9 has no values; and 5 more." in choices(table, target="y")[0]


def test_columns_full_of_gaps() -> None:
    assert choices(target="price", features=["gaps"]) == (
        "Many values are missing in gaps; what is imputed there teaches little.",
    )


def test_features_that_are_not_scaled() -> None:
    plain = {"standardize": False}

    (told,) = choices(target="price", features=["mass"], preprocessing=plain)
    assert told.startswith("Features are not standardized, and column mass goes from 3000 to 3039;")
    assert choices(target="price", features=["digit"], preprocessing=plain) == ()


def test_targets_that_the_outputs_can_not_reach() -> None:
    (told,) = choices(target="price", features=["mass"], network={"layers": [{"activation": "tanh"}]})

    assert told == (
        "Column price goes from 0 to 97.5, and tanh outputs are at least -1 and at most 1; "
        "use identity, or rescale the target."
    )


def test_early_stopping_without_validation_rows() -> None:
    fields = {"target": "price", "features": ["mass"]}

    assert choices(**fields, training={"validation_fraction": 0, "early_stopping": {}}) == (
        "Early stopping is off: it watches the validation loss, and there are no validation rows.",
    )
    assert choices(**fields, training={"validation_fraction": 0, "early_stopping": None}) == ()


@pytest.mark.parametrize(
    ("table", "fields", "told"),
    [
        (
            table_of(x=[1, 2, 3, 4], y=[None, None, 1.5, 2.5]),
            {},
            "2 of 4 rows have no value in column y, left out of the training.",
        ),
        (
            table_of(x=[1, None, 3, 4], y=[1.5, 2.5, 3.5, 4.5]),
            {"preprocessing": {"missing": "drop"}},
            "1 of 4 rows has a value missing, left out of the training.",
        ),
        (table_of(x=[1, 2], y=["a", "a"]), {}, "All training rows have the class 'a'"),
        (
            table_of(x=[1, 2, 3], y=["a", "a", "b"]),
            {},
            "A single training row is too little to learn a class from: b.",
        ),
        (
            table_of(x=[1, 2, 3, None], y=["a", "a", "b", "c"] ),
            {"preprocessing": {"missing": "drop"}},
            "No training row has the class c.",
        ),
        (
            table_of(x=[1, None], y=[0.5, 1.5]),
            {"preprocessing": {"missing": "drop"}, "training": {"validation_fraction": 0.5}},
            "No rows could be spared for validation, so there is no validation loss.",
        ),
    ],
)  # fmt: skip
def test_what_the_rows_say(table: Table, fields: dict[str, object], told: str) -> None:
    assert any(sentence.startswith(told) for sentence in rows(table, target="y", **fields))


@pytest.mark.parametrize(
    ("first", "lowest", "epochs", "warned"),
    [(2.0, 2.0, 5, True), (2.0, 1.0, 5, False), (2.0, 2.0, 1, False), (None, None, 0, False)],
)
def test_a_loss_that_never_fell(first: float | None, lowest: float | None, epochs: int, warned: bool) -> None:
    assert bool(about_losses(first, lowest, epochs)) is warned
