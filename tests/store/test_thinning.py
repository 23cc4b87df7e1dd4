"""No plan makes a history longer than it may be, and a short one keeps everything."""

import pytest

from deltarule.store.thinning import MOST_ROWS, history_every, in_step


@pytest.mark.parametrize(
    ("epochs", "every"), [(1, 1), (10_000, 1), (10_001, 2), (19_995, 2), (19_996, 4), (1_000_000, 128)]
)
def test_as_many_epochs_are_kept_as_there_may_be(epochs: int, every: int) -> None:
    assert history_every(epochs) == every
    kept = {epoch for epoch in range(1, epochs + 1) if in_step(epoch, every)}
    assert len(kept | {epochs}) + (every > 1) <= MOST_ROWS
    assert every == 1 or 2 * len(kept) > MOST_ROWS - 8, "no fewer than needed"
    assert 1 in kept
