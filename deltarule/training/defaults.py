"""What a job gets that asks for nothing: choices that do well on most tables, made from rows and columns alone.

They were compared on some forty public and made-up tables of 30 to 50,000 rows, classes and numbers, by the metric on
rows held out from training and validation; none is tuned to one table. Two tanh layers did better there than ReLU,
above all on small and noisy tables, and as well on the others. Classes that can be told apart drive the weights of a
cross-entropy up without end, and a little decay of the weights does them good; numbers need none, and had none.
"""

from deltarule.backprop.architecture import Layer
from deltarule.backprop.definition import Adam, AdamW, EarlyStopping
from deltarule.training.spec import TaskName

VALIDATION_FRACTION = 0.2
ROWS_TO_SPLIT = 10
"""A table of fewer rows has none to spare for validation."""

WIDTH, GREAT_WIDTH = 64, 128
INPUTS_FOR_GREAT_WIDTH, ROWS_FOR_GREAT_WIDTH = 64, 1024
"""There is much to learn from many inputs, and enough rows to learn it from."""

BATCH, GREAT_BATCH = 32, 128
ROWS_FOR_GREAT_BATCH = 4096
"""From here on an epoch has many steps even of larger batches."""

STEPS = 3000
FEWEST_EPOCHS, MOST_EPOCHS = 20, 1000
SAMPLES = 5_000_000
"""Samples trained on in all epochs at most, where that leaves enough epochs; large batches would never end else."""

LEARNING_RATE = 0.005
WEIGHT_DECAY = 0.1
PATIENCE = 60


def validation_fraction(rows: int) -> float:
    """The share of the rows to validate on."""
    return VALIDATION_FRACTION if rows >= ROWS_TO_SPLIT else 0.0


def hidden_layers(rows: int, inputs: int) -> tuple[Layer, Layer]:
    """Two layers, the second half as wide."""
    is_great = rows >= ROWS_FOR_GREAT_WIDTH and inputs >= INPUTS_FOR_GREAT_WIDTH
    width = GREAT_WIDTH if is_great else WIDTH
    return Layer(units=width, activation="tanh"), Layer(units=width // 2, activation="tanh")


def batch_size(rows: int) -> int:
    """Samples in a batch: small for small tables, so that an epoch has steps enough."""
    return GREAT_BATCH if rows >= ROWS_FOR_GREAT_BATCH else BATCH


def epochs(rows: int, batches: int) -> int:
    """Epochs at most: those of some thousand steps, and no endless ones over many rows.

    Args:
        rows: to train on.
        batches: in an epoch.
    """
    return max(FEWEST_EPOCHS, min(MOST_EPOCHS, STEPS // batches, SAMPLES // rows))


def optimizer(task: TaskName) -> Adam | AdamW:
    """Adam, a little faster than its usual rate; for classes and labels with some decay of the weights."""
    if task == "regression":
        return Adam(learning_rate=LEARNING_RATE)
    return AdamW(learning_rate=LEARNING_RATE, weight_decay=WEIGHT_DECAY)


def early_stopping(epochs: int) -> EarlyStopping:
    """Stops once the validation loss has not fallen for a good while, and keeps the best weights."""
    return EarlyStopping(patience=max(epochs // 10, min(PATIENCE, epochs // 2), 1))
