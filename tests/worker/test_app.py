"""How Celery is set, and that looking at the app starts nothing."""

import logging
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery import Celery, signals
from celery.exceptions import CPendingDeprecationWarning, Reject
from structlog.testing import capture_logs

import worker.app
from deltarule.store.doorbell import TASK
from deltarule.store.errors import SettingsError
from deltarule.store.settings import Settings
from tests.servers import wait_until
from tests.worker.making import settings
from worker.app import SLOW, Heart, create_app, told_if_slow
from worker.execution import Outcome
from worker.tasks import add_tasks
from worker.workshop import Workshop


def test_there_is_one_task_and_one_job_at_a_time() -> None:
    app = create_app(settings())
    assert {name for name in app.tasks if not name.startswith("celery.")} == {TASK}
    assert (app.conf.worker_pool, app.conf.worker_concurrency, app.conf.worker_prefetch_multiplier) == ("solo", 1, 1)
    assert app.conf.task_acks_late
    assert app.conf.accept_content == ["json"]


def test_a_job_that_was_given_back_is_rung_for_by_its_own_message() -> None:
    app = Celery(set_as_current=False)
    outcomes = {outcome.value: outcome for outcome in Outcome}
    add_tasks(app, lambda job_id: outcomes[job_id])
    task = app.tasks[TASK]
    for outcome in Outcome:
        if outcome is Outcome.RELEASED:
            with pytest.raises(Reject) as rejected:
                task(outcome.value)
            assert rejected.value.requeue
        else:
            assert task(outcome.value) is None
    assert not logging.getLogger("celery.app.trace").isEnabledFor(logging.WARNING), "a shutdown shows no trace"


def test_a_worker_that_is_not_at_its_queue_yet_is_not_idle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling may take longer than a worker may be deaf, and a worker that left meanwhile would begin it anew."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    workshop = Workshop(Settings.embedded(tmp_path), "worker1@here")
    assert workshop.idle_since() is None
    workers = SimpleNamespace(
        app=SimpleNamespace(workshop=workshop), timer=SimpleNamespace(call_repeatedly=lambda *_: None)
    )
    Heart(workers).start(workers)
    assert workshop.idle_since() is not None


def test_a_default_that_is_set_is_not_warned_of_at_every_loss_of_the_broker() -> None:
    create_app(settings())
    with warnings.catch_warnings(record=True) as told:
        warnings.filterwarnings("always", category=CPendingDeprecationWarning)  # as Celery does at its start
        warnings.warn("heard", CPendingDeprecationWarning, stacklevel=1)
        signals.celeryd_after_setup.send(sender="worker1@here", instance=None, conf=None)
        warnings.warn("not heard", CPendingDeprecationWarning, stacklevel=1)
    assert [str(warning.message) for warning in told] == ["heard"]


def test_a_start_that_is_slow_says_why_and_another_does_not() -> None:
    with capture_logs() as lines:
        with told_if_slow():
            pass
        assert not lines
        with told_if_slow(0):
            wait_until(lambda: [line["event"] for line in lines] == [SLOW], "the reason is told")


def test_the_module_can_be_imported_without_settings_and_the_app_cannot() -> None:
    with pytest.raises(SettingsError, match="DELTARULE_DATABASE_URL is not set"):
        worker.app.app  # noqa: B018
    with pytest.raises(AttributeError):
        worker.app.anything_else  # noqa: B018


def loaded(modules: str, of: str) -> str:
    """Which of these come along when those are loaded."""
    probe = f"import sys, {modules}; print({of} & set(sys.modules))"
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_nothing_that_does_not_survive_a_fork_or_a_start_is_loaded_by_the_supervisor() -> None:
    """`deltarule up` and `work` stay light: what trains is loaded by the children alone."""
    heavy = "{'numpy', 'polars', 'flask', 'celery'}"
    assert loaded("deltarule.cli.up, deltarule.cli.work", heavy) == "set()\n"


def test_a_worker_loads_nothing_of_the_command_line_and_of_the_client() -> None:
    """It is started again whenever it dies, and each thing it loads is waited for."""
    assert loaded("worker.app, worker.workshop", "{'typer', 'httpx', 'flask'}") == "set()\n"
