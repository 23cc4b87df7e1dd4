"""The store with one guard taken away, in this process: a test that does not notice proves nothing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from deltarule.store import attempts, leases, sweeping
from tests.storm.injection.sitecustomize import MUTANTS

MODULES = (leases, attempts, sweeping)


@contextmanager
def mutated(name: str | None) -> Iterator[None]:
    """The block runs on the mutant of this name; None changes nothing."""
    if name is None:
        yield
        return
    before = dict(vars(leases))
    with ExitStack() as undone:
        for module in MODULES:
            # Whatever the mutation binds anew in any of them is what it was before when this ends.
            undone.enter_context(patch.dict(vars(module)))
        MUTANTS[name][1](leases)
        changed = {key: value for key, value in vars(leases).items() if value is not before.get(key)}
        assert changed, f"the mutant {name!r} changes nothing"
        for module in MODULES[1:]:
            for key, value in changed.items():
                if vars(module).get(key) is before[key]:
                    setattr(module, key, value)
        yield
