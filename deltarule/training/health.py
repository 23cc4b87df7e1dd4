"""Why a network did not learn: gradients that vanish or explode, units that are dead or saturated, and what to try.

Symptoms hang together: a rate too large kills units, and dead units let no gradient through. So one illness is told,
the first in the order of causes, with what was measured; and none of a network that has learned.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from deltarule.backprop.definition import Definition
from deltarule.backprop.parameters import Layout, Parameters, initial_parameters
from deltarule.backprop.samples import Samples, prepared
from deltarule.training.gradients import FADED, SWOLLEN, Gradients, share_of_last
from deltarule.training.inspection import ALMOST_ALL, FLAT, Slope, Units, evenly_spread, look_at_slope, look_at_units
from deltarule.training.remedies import better_start, bounded_steps, one_of, shallower, smaller_steps

LEARNED = 0.9
"""Outputs that explain this share of the targets' variance come from a network that has learned."""

MOST = 0.5
"""A layer is ill when more than this share of its units is stuck. Some are in every network of ReLUs, and with a high
learning rate as many as 40 % of them (A. Karpathy, J. Johnson, F. Li, CS231n, 2016)."""

LASTING = 0.1
"""A gradient that has vanished, or swollen, for a smaller share of the epochs has found its way by itself."""

ERUPTION = 100.0
"""Norms fall as a training gets on; leaving a plateau they may grow some twentyfold for a while, as the loss falls. By
this factor, and while the loss grows too, they grow when steps are too large."""

LOSS = 10.0
"""To grow is, for the loss, to rise from that of the initial weights by so many times its size: the loss of a linear
output grows with the gradient or with its square."""

LAYERS_SHOWN = 5
"""Layers that a sentence tells of."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a run that has ended.

    Attributes:
        definition: resolved.
        standardized: whether the features were.
        continued: whether it began with the weights of a trained model.
        shape: of the parameters.
        gradients: of the epochs.
        slope: loss and gradient with the initial weights.
        began: the units with the initial weights.
        ended: the units in the end; None after a divergence, which leaves nothing to look at.
    """

    definition: Definition
    standardized: bool
    continued: bool
    shape: Layout
    gradients: Gradients
    slope: Slope
    began: Units
    ended: Units | None

    @property
    def shares(self) -> tuple[float, ...]:
        """With the initial weights the gradient per parameter of each layer, over that of the last."""
        return share_of_last(self.slope.norms, self.shape)

    @property
    def ill_from_the_start(self) -> bool:
        """Whether a layer that is ill in the end was so with the initial weights."""
        return self.ended is not None and bool({*ill(self.ended, self.shape)} & {*ill(self.began, self.shape)})

    def place(self, number: int) -> str:
        """What a layer is called, counted from 0 here and from 1 there."""
        return f"layer {number + 1} ({self.definition.network.layers[number].activation})"

    def lasting(self, epochs: int) -> bool:
        """Whether so many epochs are a good part of all."""
        return epochs > 0 and epochs >= LASTING * self.gradients.epochs


Rule: TypeAlias = Callable[[Evidence], Iterator[str]]
"""One illness: the sentences on it, none where there are no signs of it."""


def examine(
    definition: Definition,
    samples: Samples,
    result: Parameters,
    gradients: Gradients,
    *,
    start: Parameters | None = None,
    diverged: bool = False,
    standardized: bool = True,
) -> tuple[str, ...]:
    """What keeps the network of a run that has ended from learning; nothing where it has learned.

    A network that has learned costs a forward pass over `inspection.ROWS_LOOKED_AT` rows; another one a second such
    pass, and some batches.

    Args:
        definition: resolved.
        samples: those that the run was trained on.
        result: what it has come to.
        gradients: of its epochs.
        start: where it began; otherwise with the weights given in the definition, and its initializers'.
        diverged: whether it left the range of floating-point numbers.
        standardized: whether its features are.
    """
    shape = result.layout
    rows = prepared(samples, definition, shape)
    seen = evenly_spread(rows)
    ended = None if diverged else look_at_units(definition, result, seen)
    if ended is not None and ended.explained >= LEARNED and not ill(ended, shape):
        return ()
    origin = start or initial_parameters(definition.network, shape.inputs, definition.training.seed)
    slope, began = look_at_slope(definition, origin, rows), look_at_units(definition, origin, seen)
    return diagnose(Evidence(definition, standardized, start is not None, shape, gradients, slope, began, ended))


def diagnose(evidence: Evidence) -> tuple[str, ...]:
    """The first illness, by the order of causes, that the evidence speaks for."""
    learned = evidence.ended is not None and evidence.ended.explained >= LEARNED
    # Layers above some that were stuck from the start may learn well from what those happen to answer.
    rules: tuple[Rule, ...] = (_stuck_from_the_start,) if learned else _ILLNESSES
    return next((sentences for rule in rules if (sentences := tuple(rule(evidence)))), ())


def ill(units: Units, shape: Layout) -> tuple[int, ...]:
    """The layers, from 0, most of whose units are stuck."""
    pairs = enumerate(zip(units.stuck, shape.layers, strict=True))
    return tuple(number for number, (stuck, layer) in pairs if stuck > MOST * layer.units)


def _stuck_from_the_start(evidence: Evidence) -> Iterator[str]:
    if evidence.ill_from_the_start:
        yield from _stuck_in_the_end(evidence)


def _stuck_in_the_end(evidence: Evidence) -> Iterator[str]:
    if evidence.ended is None:
        return
    layers = ill(evidence.ended, evidence.shape)
    activations = [layer.activation for layer in evidence.definition.network.layers]
    dead = [number for number in layers if activations[number] == "relu"]
    saturated = [number for number in layers if activations[number] != "relu"]
    since = ", from the start" if evidence.ill_from_the_start else ""
    if dead:
        yield (
            f"Dead ReLUs{since}: {_counted(evidence, evidence.ended, dead)} answer 0 for each of the "
            f"{evidence.ended.rows} training rows looked at, and no gradient passes through them. "
            f"Try {one_of('leaky_relu', _against_stuck_units(evidence))}."
        )
    if saturated:
        yield (
            f"Saturated units{since}: {_counted(evidence, evidence.ended, saturated)} have a slope of less than "
            f"{FLAT:.0%} of the steepest on over {ALMOST_ALL:.0%} of the {evidence.ended.rows} training rows looked "
            f"at, and hardly any gradient passes through them. Try {_against_stuck_units(evidence)}."
        )


def _exploded(evidence: Evidence) -> Iterator[str]:
    """By the norms of the epochs over those that the training began with; a divergence needs no other proof."""
    slope, gradients = evidence.slope, evidence.gradients
    before, peak = max(slope.norms), max(gradients.peak, default=0.0)
    erupted = 0 < ERUPTION * before <= peak
    worse = erupted and gradients.peak_loss - slope.loss > LOSS * abs(slope.loss)
    if not (worse or evidence.ended is None) or not math.isfinite(slope.loss + before):
        return
    told = f"Exploding gradients: their largest norm was {before:.3g} with the initial weights"
    if erupted:
        layer = evidence.place(list(gradients.peak).index(peak))
        told += f" and {peak:.3g} in epoch {gradients.peak_epoch}, in {layer}"
    if worse:
        told += f"; the loss rose from {slope.loss:.3g} to {gradients.peak_loss:.3g}"
    if evidence.ended is None:
        told += f"; then the numbers left the range of {evidence.shape.dtype}"
    yield f"{told}. Try {one_of(smaller_steps(evidence.definition), _better_start(evidence))}."


def _vanished(evidence: Evidence) -> Iterator[str]:
    share, gradients = evidence.shares[0], evidence.gradients
    if share < FADED and evidence.lasting(gradients.faded):
        yield (
            f"Vanishing gradients: {_against_the_last(evidence)}, and it was below {FADED:g} times it in "
            f"{gradients.faded} of {gradients.epochs} epochs; the first layers hardly learn. "
            f"Try {shallower(from_nothing=share == 0)}."
        )


def _swollen(evidence: Evidence) -> Iterator[str]:
    share, gradients = evidence.shares[0], evidence.gradients
    if share > SWOLLEN and evidence.lasting(gradients.swollen):
        yield (
            f"Exploding gradients: {_against_the_last(evidence)}, and it was over {SWOLLEN:g} times it in "
            f"{gradients.swollen} of {gradients.epochs} epochs; no learning rate suits all layers. "
            f"Try {one_of(_better_start(evidence), 'fewer layers', bounded_steps(evidence.definition))}."
        )


_ILLNESSES: tuple[Rule, ...] = (_stuck_from_the_start, _exploded, _vanished, _swollen, _stuck_in_the_end)


def _against_the_last(evidence: Evidence) -> str:
    shares = evidence.shares
    return (
        f"with the initial weights the gradient per parameter of {evidence.place(0)} is {shares[0]:.3g} times that of "
        f"{evidence.place(len(shares) - 1)}"
    )


def _counted(evidence: Evidence, units: Units, layers: Sequence[int]) -> str:
    told = [
        f"{units.stuck[number]} of {evidence.shape.layers[number].units} units of {evidence.place(number)}"
        for number in layers[:LAYERS_SHOWN]
    ]
    more = f" and most of {len(layers) - LAYERS_SHOWN} more layers" if len(layers) > LAYERS_SHOWN else ""
    return ", ".join(told) + more


def _against_stuck_units(evidence: Evidence) -> str:
    """By what has made them so: where the training began, or its steps."""
    if evidence.ill_from_the_start:
        return _better_start(evidence) or "layers that are wider, or fewer"
    return one_of(smaller_steps(evidence.definition), _better_start(evidence))


def _better_start(evidence: Evidence) -> str:
    return better_start(evidence.definition, evidence.standardized, evidence.continued)
