"""What a job gets that asks for nothing: choices that are good on most tables, made from rows and columns alone."""

from deltarule.backprop.architecture import Layer
from deltarule.backprop.definition import Adam, EarlyStopping

VALIDATION_FRACTION = 0.2
ROWS_TO_SPLIT = 10
"""A table of fewer rows has none to spare for validation."""


LARGE = 4096


def validation_fraction(rows: int) -> float:
    """The share of the rows to validate on."""
    return VALIDATION_FRACTION if rows >= ROWS_TO_SPLIT else 0.0


def hidden_layers(rows: int, inputs: int, outputs: int) -> tuple[Layer, ...]:
    """Two layers of ReLU, as wide as the data is."""
    first = min(128, max(32, 2 ** (inputs + outputs).bit_length()))
    return Layer(units=first, activation="relu"), Layer(units=first // 2, activation="relu")


def batch_size(rows: int) -> int:
    """Samples in a batch: small for small tables, so that an epoch has steps enough."""
    return 32 if rows < LARGE else 128


def epochs(rows: int, batch_size: int | str) -> int:
    """Epochs at most."""
    return max(10, min(200, 200_000 // rows))


def optimizer() -> Adam:
    """Adam."""
    return Adam(learning_rate=0.003)


def early_stopping(epochs: int) -> EarlyStopping:
    """Stops once the validation loss has not fallen for a good while, and keeps the best weights."""
    return EarlyStopping(patience=max(5, epochs // 10))
