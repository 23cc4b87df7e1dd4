"""From a gradient to the next parameters: penalties, a bound on the norm, and the optimizer's step."""

import numpy as np

from deltarule.backprop.definition import Definition
from deltarule.backprop.optimizers import OPTIMIZERS, SCRATCH_VECTORS, Step
from deltarule.backprop.parameters import Layout, Parameters
from deltarule.backprop.regularization import clip, penalize
from deltarule.backprop.state import State


class Descent:
    """Takes the steps of a definition's optimizer and regularization; what is remembered stands in the state."""

    def __init__(self, definition: Definition, layout: Layout) -> None:
        self._optimizer, self._rule = definition.optimizer, definition.regularization
        self._update = OPTIMIZERS[definition.optimizer.name].update
        self._scratch = np.empty((SCRATCH_VECTORS, layout.size), layout.dtype)

    def step(self, parameters: Parameters, gradient: Parameters, state: State, rate: float) -> None:
        """Moves the parameters and the optimizer's memory in place, and uses up the gradient.

        Args:
            parameters: to be moved.
            gradient: of the loss alone.
            state: whose memory, numbers and step count (this step included) are meant.
            rate: the learning rate.
        """
        if self._rule.l1 or self._rule.l2:
            penalize(gradient, parameters, self._rule, self._scratch[0])
        if self._rule.max_gradient_norm is not None:
            clip(gradient.vector, self._rule.max_gradient_norm)
        step = Step(
            number=state.progress.step,
            rate=rate,
            parameters=parameters.vector,
            gradient=gradient.vector,
            memory=state.memory,
            numbers=state.numbers,
            scratch=self._scratch,
        )
        self._update(self._optimizer, step)
