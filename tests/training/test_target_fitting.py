import numpy as np
import pytest

from deltarule.training.resolution import resolve
from deltarule.training.tables import Table
from deltarule.training.target_fitting import categorical_target, number_target
from deltarule.training.targets import ClassTarget, IndicatorTarget, LabelsTarget, NumberTarget, Target
from tests.training.making import animals, arrays, job, line, table_of

SPECIES = ("Adelie", "Chinstrap", "Gentoo")
PAIR = ("target_0", "target_1")
DIGITS = table_of(x=list(range(20)), y=[row % 2 + 3 for row in range(20)])


def fitted(table: Table, **fields: object) -> Target | None:
    return categorical_target(resolve(job(**fields), table.schema), table)


def hinge(table: Table, **fields: object) -> Target | None:
    return fitted(table, loss={"name": "hinge"}, **fields)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (fitted(animals(), target="species"), ClassTarget(name="species", classes=SPECIES, width=3)),
        (fitted(DIGITS, target="y"), ClassTarget(name="y", classes=(3, 4), width=2)),
        (hinge(DIGITS, target="y"), ClassTarget(name="y", classes=(3, 4), width=1, low=-1.0)),
        (fitted(arrays([[1], [2]], [[0], [1]])), ClassTarget(name="target_0", classes=(0, 1), width=1)),
        (hinge(arrays([[1], [2]], [[-1], [1]])), ClassTarget(name="target_0", classes=(-1, 1), width=1, low=-1.0)),
        (fitted(arrays([[1], [2]], [[0, 1], [1, 0]])), IndicatorTarget(names=PAIR)),
        (fitted(arrays([[1], [2]], [[1, 1], [1, 0]])), LabelsTarget(names=PAIR, as_they_stand=True)),
        (fitted(DIGITS, target="y", task="regression"), None),
    ],
)  # fmt: skip
def test_what_a_target_is_encoded_as(found: Target | None, expected: Target | None) -> None:
    assert found == expected


def test_numbers_that_are_not_whole_can_be_classes() -> None:
    table = table_of(x=[1, 2, 3], y=[0.5, 1, 0.5])

    target = fitted(table, target="y", task="classification")

    assert isinstance(target, ClassTarget)
    assert target.labels == ("0.5", "1.0")


def test_the_mean_of_numbers_is_that_of_the_training_rows() -> None:
    table = table_of(x=[1, 2, 3], y=[1.5, 3.5, 900.5])
    spec = resolve(job(target="y"), table.schema)

    assert number_target(spec, table, np.arange(2)) == NumberTarget(
        names=("y",), means=(2.5,), standard_deviations=(1.0,)
    )


def test_numbers_are_left_alone_where_nothing_is_standardized() -> None:
    table = line()
    spec = resolve(job(target="y", preprocessing={"standardize_target": False}), table.schema)

    assert number_target(spec, table, np.arange(9)).standard_deviations == (1.0,)


def test_numbers_that_never_vary_are_only_centred() -> None:
    table = table_of(x=[1, 2, 3], y=[5.5, 5.5, 5.5])
    spec = resolve(job(target="y"), table.schema)

    assert number_target(spec, table, np.arange(3)) == NumberTarget(
        names=("y",), means=(5.5,), standard_deviations=(1.0,)
    )
