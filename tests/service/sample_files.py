"""The files that the OpenAPI document shows as examples of bodies which are no text, as the service itself makes them.

python -m tests.service.sample_files        writes them anew, into service/static/examples
"""

from io import BytesIO
from pathlib import Path

import numpy as np
import polars

import service
from deltarule.store.records import HistoryRow
from deltarule.store.states import Status
from deltarule.training.exports import export
from service.charts import chart
from tests.service.test_captions import job as charted
from tests.training.making import finished, table_of

FOLDER = Path(service.__file__).parent / "static" / "examples"
LENGTHS, COLOURS = [1.5, 2.5, 1.4, 2.6, 1.6, 2.4], ["red", "blue"] * 3
EPOCHS = 12


def parquet() -> bytes:
    """The table of the other formats' examples."""
    file = BytesIO()
    polars.DataFrame({"length": [1.5, 2.5], "colour": ["red", "blue"]}).write_parquet(file)
    return file.getvalue()


def npz() -> bytes:
    """The four rows of exclusive or."""
    file = BytesIO()
    np.savez(file, inputs=np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), targets=np.array([0, 1, 1, 0]))
    return file.getvalue()


def rows() -> list[HistoryRow]:
    """A history whose best epoch is not its last."""
    losses = [(0.7 * 0.8**epoch, 0.72 * 0.84**epoch + 0.004 * epoch) for epoch in range(EPOCHS)]
    return [HistoryRow(at, *both, 0.005, 0.01) for at, both in enumerate(losses, start=1)]


def files() -> dict[str, bytes]:
    """All of them, by name."""
    table = table_of(length=LENGTHS, colour=COLOURS)
    layers = {"layers": [{"activation": "softmax"}]}
    model = finished(table, target="colour", network=layers, training={"epochs": 20, "validation_fraction": 0}).model()
    colours = charted(name="colours", status=Status.SUCCEEDED, stop_reason="epochs_done")
    made = {"table.parquet": parquet(), "arrays.npz": npz()}
    made |= {f"history.{form}": chart(colours, rows(), form) for form in ("svg", "png")}
    made |= {f"model.{name}": export(model, name) for name in ("npz", "safetensors", "onnx")}
    return made | {"model.zip": export(model, "bundle")}


def main() -> None:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
