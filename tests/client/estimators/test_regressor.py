import numpy as np
import pytest

from deltarule import DeltaruleRegressor

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("stack"), pytest.mark.usefixtures("url")]
INPUTS = np.random.default_rng(5).standard_normal((120, 3))
SUM = 100 * INPUTS.sum(axis=1)


def test_numbers_are_predicted_in_their_own_units() -> None:
    fitted = DeltaruleRegressor("16:tanh", epochs=60, random_state=0).fit(INPUTS, SUM)
    assert fitted.score(INPUTS, SUM) > 0.9
    assert fitted.predict(INPUTS).shape == (120,)


def test_several_numbers_and_a_column_of_one_keep_their_shape() -> None:
    both = np.column_stack([SUM, -SUM])
    fitted = DeltaruleRegressor("16:tanh", epochs=60, random_state=0).fit(INPUTS, both)
    assert fitted.predict(INPUTS).shape == (120, 2)
    assert fitted.score(INPUTS, both) > 0.9
    assert DeltaruleRegressor(epochs=2).fit(INPUTS, SUM[:, None]).predict(INPUTS).shape == (120, 1)
