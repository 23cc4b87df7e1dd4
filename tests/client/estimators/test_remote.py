import subprocess
import sys

import pytest

from deltarule.client import Client
from deltarule.client.estimators.remote import _finished, _free


def test_who_interrupts_the_waiting_does_not_want_the_job_any_more(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = client.submit({"dataset_id": "any"})

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _finished(job)
    assert job.status == "cancelling"


def test_a_name_that_is_taken_grows() -> None:
    assert (_free("y0", ["x"]), _free("y0", ["y0", "y0_"])) == ("y0", "y0__")


def test_without_scikit_learn_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['sklearn'] = None; from deltarule import DeltaruleClassifier"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "need scikit-learn: pip install 'deltarule[sklearn]'" in answer.stderr
