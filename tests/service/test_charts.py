"""Charts, as far as a machine can judge them: what they say, that they are the same each time, that nothing breaks."""

import math
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.image import imread

from deltarule.store.records import HistoryRow, Job
from deltarule.store.states import Status
from service.charts import DOTS_PER_INCH, INCHES, chart
from tests.service.test_captions import job

TEXT = "{http://www.w3.org/2000/svg}text"


def falling(count: int, slope: float = 30.0, *, validated: bool = True) -> list[HistoryRow]:
    return [
        HistoryRow(epoch, math.exp(-epoch / slope), 0.2 + math.exp(-epoch / slope) if validated else None, 0.1, 0.5)
        for epoch in range(1, count + 1)
    ]


def words(made: Job, rows: list[HistoryRow], **options: Any) -> list[str]:  # noqa: ANN401 -- as chart has them
    """All that the chart says."""
    root = ET.fromstring(chart(made, rows, "svg", **options))  # noqa: S314 -- our own
    return ["".join(text.itertext()) for text in root.iter(TEXT)]


def ink(picture: bytes, tmp_path: Any) -> Any:  # noqa: ANN401 -- an array
    file = tmp_path / "chart.png"
    file.write_bytes(picture)
    return imread(file)


def test_it_has_a_title_labels_a_legend_and_the_best_epoch() -> None:
    rows = falling(40)
    rows[24] = HistoryRow(25, 0.1, 0.0625, 0.1, 0.5)
    said = words(job(name="penguins", status=Status.SUCCEEDED, stop_reason="epochs_done"), rows)
    assert {
        "penguins",
        "40 epochs, succeeded (epochs done)",
        "epoch",
        "loss (cross entropy)",
        "training loss",
        "validation loss",
        "best epoch: 25 (0.0625)",
    } <= set(said)


def test_without_validation_it_shows_the_training_alone() -> None:
    said = words(job(), falling(40, validated=False))
    assert "training loss" in said
    assert "validation loss" not in said
    assert any(text.startswith("best epoch: 40 ") for text in said)


@pytest.mark.parametrize(("slope", "ticks"), [(5.0, {"0.1", "0.01", "0.001"}), (50.0, {"0.5", "0.6", "0.7"})])
def test_a_loss_that_falls_far_has_a_logarithmic_scale(slope: float, ticks: set[str]) -> None:
    assert ticks <= set(words(job(), falling(40, slope, validated=False)))


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_same_history_gives_the_same_bytes(form: str) -> None:
    assert chart(job(name="a"), falling(40), form) == chart(job(name="a"), falling(40), form)
    assert chart(job(name="a"), falling(40), form) != chart(job(name="a"), falling(41), form)


@pytest.mark.parametrize(
    "name",
    [
        "$\\frac{",
        "$x^2$",
        "a_b^c \\alpha",
        "<script>alert(1)</script>&amp;",
        "]]>",
        "שלום",
        "🐧 漢字",
        "",
        "e\u0301" * 9,
    ],
)
def test_a_name_is_shown_as_it_stands(name: str) -> None:
    assert (name or "Job 019f") in words(job(name=name), falling(5))
    assert chart(job(name=name), falling(5), "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("letter", ["W", "漢", "$", "<"])
def test_a_long_name_is_cut(letter: str) -> None:
    heading = next(text for text in words(job(name=letter * 200), falling(5)) if text.startswith(letter))
    assert heading.endswith("…")
    assert 10 < len(heading) < 150


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [HistoryRow(1, None, None, 0.1, 0.5)],
        [HistoryRow(7, 0.5, None, 0.1, 0.5)],
        [HistoryRow(1, 1e300, -1e300, 0.1, 0.5), HistoryRow(2, 1e-300, None, 0.1, 0.5)],
        [HistoryRow(1, 0.0, 0.0, 0.1, 0.5), HistoryRow(2, 0.0, 0.0, 0.1, 0.5)],
        [HistoryRow(1, 1e-300, None, 0.1, 0.5), HistoryRow(2, 1e300, None, 0.1, 0.5)],
        [HistoryRow(1, None, 0.5, 0.1, 0.5), HistoryRow(2, 0.5, None, 0.1, 0.5)],
        falling(5000),
    ],
)
def test_whatever_the_losses_are_there_is_a_picture(rows: list[HistoryRow], tmp_path: Any) -> None:  # noqa: ANN401
    picture = ink(chart(job(name="odd"), rows, "png"), tmp_path)
    assert picture.shape[:2] == (INCHES[1] * DOTS_PER_INCH, INCHES[0] * DOTS_PER_INCH)
    assert np.ptp(picture[..., :3]) == 1
    assert "odd" in words(job(name="odd"), rows)


def test_where_there_is_nothing_to_draw_a_sentence_says_so() -> None:
    said = words(job(status=Status.QUEUED), [])
    assert "No epoch has been completed yet; the job is queued." in said
    assert "training loss" not in said
    diverged = words(job(), [HistoryRow(1, None, None, 0.1, 0.5)])
    assert "The loss of epoch 1 is not a finite number: the training diverged." in diverged


def test_the_curves_are_in_it(tmp_path: Any) -> None:  # noqa: ANN401
    picture = ink(chart(job(), falling(40), "png"), tmp_path)[..., :3]
    for colour in ((0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)):
        assert np.isclose(picture, np.array(colour) / 255, atol=0.01).all(axis=-1).sum() > 300
