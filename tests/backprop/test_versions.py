"""A name for whatever changes the last bit."""

from pathlib import Path

import pytest

from deltarule.backprop import versions
from deltarule.backprop.compiled import CompiledEngine
from deltarule.backprop.trainer import Trainer
from tests.backprop.making import definition_for, samples_for


def test_the_same_program_on_the_same_machine_has_one_name() -> None:
    assert versions.version_of("kernels", "2.4.6") == versions.version_of("kernels", "2.4.6")
    assert versions.version_of("kernels", "2.4.6") != versions.version_of("kernels", "2.4.7")


def test_the_kind_of_processor_is_part_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("model name\t: another\nflags\t\t: none\n\nmodel name\t: another\n")
    names = {versions.version_of()}
    for place in ("cpuinfo", "none"):
        monkeypatch.setattr(versions, "_PROCESSORS", tmp_path / place)
        names.add(versions.version_of())
    assert len(names) == 3


def test_a_state_tells_which_version_it_comes_from() -> None:
    definition, samples = definition_for("squared_error"), samples_for("squared_error")
    plain, other = Trainer(definition, samples), Trainer(definition, samples)
    compiled = Trainer(definition, samples, engine=CompiledEngine)
    assert plain.engine_version != compiled.engine_version
    plain.advance(3)
    other.restore(plain.state())
    assert not other.restored_from_other_version
    compiled.restore(plain.state())
    assert compiled.restored_from_other_version
    compiled.restore(compiled.state())
    assert not compiled.restored_from_other_version
