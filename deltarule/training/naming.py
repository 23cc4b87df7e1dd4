"""A name that is not there is most often a name misspelt; say which one was meant."""

from collections.abc import Sequence
from difflib import get_close_matches

from deltarule.training.tables.values import shown_name

NAMES_SHOWN = 20
"""Names that a sentence lists."""

NAMES_COMPARED = 1000
"""Names that a misspelt one is compared with; comparing is slow, and a sentence is not worth seconds."""


def no_such_column(name: str, names: Sequence[str]) -> str:
    """The sentence about a column that is not among `names`, with those that come close to it or else the first few."""
    close = _close(name, names[:NAMES_COMPARED])
    if close:
        return f"There is no column {shown_name(name)}; did you mean {' or '.join(map(shown_name, close))}?"
    return f"There is no column {shown_name(name)}; the columns are {listed(names)}."


def listed(names: Sequence[str]) -> str:
    """The names in a row, the end left off where there are many."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(map(shown_name, names[:NAMES_SHOWN])) + more


def _close(name: str, names: Sequence[str]) -> list[str]:
    by_lower_case = {known.casefold(): known for known in reversed(names)}
    return [by_lower_case[match] for match in get_close_matches(name.casefold(), by_lower_case, n=3, cutoff=0.7)]
