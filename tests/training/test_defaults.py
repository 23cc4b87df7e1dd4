import pytest

from deltarule.training import defaults


@pytest.mark.parametrize("rows", [1, 10, 300, 5000, 10**6])
def test_epochs_are_neither_too_few_nor_endless(rows: int) -> None:
    batches = -(-rows // defaults.batch_size(rows))

    epochs = defaults.epochs(rows, batches)

    assert defaults.FEWEST_EPOCHS <= epochs <= defaults.MOST_EPOCHS
    assert epochs == defaults.FEWEST_EPOCHS or epochs * batches <= defaults.STEPS


def test_full_batches_over_many_rows_are_not_endless() -> None:
    assert defaults.epochs(100_000, 1) * 100_000 <= defaults.SAMPLES


@pytest.mark.parametrize("epochs", [1, 2, 20, 100, 1000])
def test_patience_is_shorter_than_the_training_and_at_least_an_epoch(epochs: int) -> None:
    assert 1 <= defaults.early_stopping(epochs).patience <= max(1, epochs // 2)


def test_large_tables_with_many_inputs_get_wider_layers_and_larger_batches() -> None:
    small, large = defaults.hidden_layers(300, 64), defaults.hidden_layers(20_000, 784)

    assert [layer.units for layer in small] == [64, 32]
    assert [layer.units for layer in large] == [128, 64]
    assert defaults.batch_size(300) < defaults.batch_size(20_000)


def test_hardly_any_rows_are_all_learned_from() -> None:
    assert defaults.validation_fraction(9) == 0
    assert defaults.validation_fraction(10) == 0.2


def test_weights_of_classes_decay_and_those_of_numbers_do_not() -> None:
    assert defaults.optimizer("regression").name == "adam"
    assert defaults.optimizer("classification").name == defaults.optimizer("multilabel").name == "adamw"
