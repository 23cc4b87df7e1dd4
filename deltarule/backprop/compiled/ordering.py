"""The window of an epoch's order that a batch takes its rows from, as `deltarule.backprop.ordering` has it."""

# A field of a record is Any to NumPy's own types.
# mypy: disable-error-code="no-any-return"

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.paging import expect, forget
from deltarule.backprop.compiled.plan import Data, Rules, Work
from deltarule.backprop.compiled.randomness import order_of_blocks, order_of_rows, shuffle_group
from deltarule.backprop.ordering import GROUP

EPOCH, START, STOP, FIRST_BLOCK = range(4)
"""Where `Work.held` says what the order is of."""


@kernel
def hold(rules: Rules, samples: Data, work: Work, epoch: int, position: int) -> None:
    """Has `work.order` hold a position of an epoch that it does not hold."""
    held = work.held
    if rules.block == 0:
        order_of_rows(work.order, rules.seed, epoch, work.generator)
        held[EPOCH], held[START], held[STOP] = epoch, 0, work.order.size
        return
    if rules.mapped and held[EPOCH] >= 0:
        _forget_group(rules, samples, work, held[FIRST_BLOCK])
    if held[EPOCH] != epoch:
        order_of_blocks(work.blocks, rules.seed, epoch, work.generator)
    _hold_group(rules, samples.inputs.shape[0], work, epoch, position)
    if rules.mapped:
        _expect_group(rules, samples, work, held[FIRST_BLOCK] + GROUP)


@kernel
def _hold_group(rules: Rules, rows: int, work: Work, epoch: int, position: int) -> None:
    """The group that a position is in; behind the one short block every position is so many rows earlier."""
    block, count = rules.block, work.blocks.size
    short, missing = work.blocks.argmax(), count * block - rows
    if position >= (short + 1) * block - missing:
        position += missing
    number = position // (GROUP * block)
    first = number * GROUP
    start = first * block - (missing if short < first else 0)
    size = _number_rows(work, first, block, rows)
    shuffle_group(work.order[:size], rules.seed, epoch, number, work.generator)
    held = work.held
    held[EPOCH], held[START], held[STOP], held[FIRST_BLOCK] = epoch, start, start + size, first


@kernel
def _number_rows(work: Work, first: int, block: int, rows: int) -> int:
    """Writes down the rows of a group, block after block; answers how many they are."""
    size = 0
    for number in range(first, min(first + GROUP, work.blocks.size)):
        begin = work.blocks[number] * block
        for row in range(begin, min(begin + block, rows)):
            work.order[size] = row
            size += 1
    return size


@kernel
def _forget_group(rules: Rules, samples: Data, work: Work, first: int) -> None:
    for number in range(first, min(first + GROUP, work.blocks.size)):
        begin = work.blocks[number] * rules.block
        forget(samples, begin, begin + rules.block)


@kernel
def _expect_group(rules: Rules, samples: Data, work: Work, first: int) -> None:
    for number in range(first, min(first + GROUP, work.blocks.size)):
        begin = work.blocks[number] * rules.block
        expect(samples, begin, begin + rules.block)
