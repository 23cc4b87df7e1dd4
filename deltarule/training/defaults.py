"""What a job gets that asks for nothing: choices that do well on most tables, made from rows and columns alone.

They were compared on some forty public and made-up tables of 30 to 50,000 rows, classes and numbers, by the metric on
rows held out from training and validation; none is tuned to one table. Two tanh layers did better there than ReLU,
above all on small and noisy tables, and as well on the others.
"""

from deltarule.backprop.architecture import Layer
from deltarule.backprop.definition import Adam, EarlyStopping

VALIDATION_FRACTION = 0.2
ROWS_TO_SPLIT = 10
"""A table of fewer rows has none to spare for validation."""

WIDTH, GREAT_WIDTH = 64, 128
MANY_INPUTS, MANY_ROWS = 64, 4096
"""From here on an epoch has many steps even of larger batches, and there is enough to learn for wider layers."""

BATCH, GREAT_BATCH = 32, 128

STEPS = 3000
FEWEST_EPOCHS, MOST_EPOCHS = 20, 1000
SAMPLES = 5_000_000
"""Samples trained on in all epochs at most, where that leaves enough epochs; large batches would never end else."""

LEARNING_RATE = 0.005
PATIENCE = 30


def validation_fraction(rows: int) -> float:
    """The share of the rows to validate on."""
    return VALIDATION_FRACTION if rows >= ROWS_TO_SPLIT else 0.0


def hidden_layers(rows: int, inputs: int) -> tuple[Layer, Layer]:
    """Two layers, the second half as wide."""
    width = GREAT_WIDTH if rows >= MANY_ROWS and inputs >= MANY_INPUTS else WIDTH
    return Layer(units=width, activation="tanh"), Layer(units=width // 2, activation="tanh")


def batch_size(rows: int) -> int:
    """Samples in a batch: small for small tables, so that an epoch has steps enough."""
    return GREAT_BATCH if rows >= MANY_ROWS else BATCH


def epochs(rows: int, batches: int) -> int:
    """Epochs at most: those of some thousand steps, and no endless ones over many rows.

    Args:
        rows: to train on.
        batches: in an epoch.
    """
    return max(FEWEST_EPOCHS, min(MOST_EPOCHS, STEPS // batches, SAMPLES // rows))


def optimizer() -> Adam:
    """Adam, a little faster than its usual rate."""
    return Adam(learning_rate=LEARNING_RATE)


def early_stopping(epochs: int) -> EarlyStopping:
    """Stops once the validation loss has not fallen for a good while, and keeps the best weights."""
    return EarlyStopping(patience=max(epochs // 10, min(PATIENCE, epochs // 2), 1))
