import pytest

from deltarule.training.formulation import definition_of
from deltarule.training.resolution import resolve
from tests.training.making import animals, job

ASKED = {
    "network": {"dtype": "float64", "initializer": "orthogonal", "layers": [{"units": 4}, {}]},
    "optimizer": {"name": "nadam"},
    "schedule": {"name": "cosine", "minimum": 0.001},
    "regularization": {"l2": 0.1},
    "training": {
        "epochs": 7,
        "batch_size": 5,
        "seed": 3,
        "shuffle": False,
        "shuffle_block": 512,
        "early_stopping": {"patience": 2},
    },
}


def test_everything_reaches_the_trainer() -> None:
    definition = definition_of(resolve(job(target="species", **ASKED), animals().schema))

    assert (definition.network.dtype, definition.network.initializer) == ("float64", "orthogonal")
    assert (definition.optimizer.name, definition.schedule.name) == ("nadam", "cosine")
    assert definition.regularization.l2 == 0.1
    assert definition.training.model_dump() == {
        "epochs": 7,
        "batch_size": 5,
        "shuffle": False,
        "shuffle_block": 512,
        "seed": 3,
        "early_stopping": {"monitor": "validation_loss", "patience": 2, "minimum_delta": 0.0, "restore_best": True},
    }


@pytest.mark.parametrize("fields", [{}, {"network": {"dtype": "float32", "layers": [{}]}, "loss": {"name": "huber"}}])
def test_an_open_job_is_no_definition(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="still leaves"):
        definition_of(job(target="species", **fields))
