from typing import Any

from deltarule.client.answers import JobAnswer
from deltarule.client.notebook import Chart, job_as_html

JOB: dict[str, Any] = {
    "id": "job-1",
    "name": "<b>mine",
    "status": "queued",
    "created_at": "2026-01-02T03:04:05Z",
    "spec": {},
}


def job(**fields: object) -> JobAnswer:
    return JobAnswer.model_validate({**JOB, **fields})


def test_words_of_others_are_no_markup() -> None:
    shown = job_as_html(job(warnings=["a < b"], error={"title": "<script>"}), None)
    assert "<b>&lt;b&gt;mine</b> queued" in shown
    assert "<li>a &lt; b</li>" in shown
    assert "<script>" not in shown


def test_how_far_and_how_well() -> None:
    progress = {"epoch": 3, "epochs": 9, "fraction": 1 / 3}
    shown = job_as_html(
        job(
            status="succeeded",
            stop_reason="early_stopping",
            progress=progress,
            metrics={"training_loss": 0.123456, "a": None},
        ),
        b"<svg/>",
    )
    assert "succeeded (early stopping), epoch 3 of 9" in shown
    assert "<div>training loss 0.1235</div>" in shown
    assert "base64,PHN2Zy8+" in shown


def test_a_chart_is_its_picture() -> None:
    assert Chart("<svg/>")._repr_svg_() == "<svg/>"
