"""Texts that are not categories but something else, written in a way that no number can be read from."""

import re

from deltarule.training.tables.schema import CategoricalColumn
from deltarule.training.tables.values import shown

_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{4}/\d{1,2}/\d{1,2}([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[./-]\d{1,2}[./-]\d{4}( \d{1,2}:\d{2}.*)?"
)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+(\.\d{3})*,\d+")
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+")

DATES = (
    "holds dates, such as {}, which a network takes for unrelated words; send what matters of them as numbers, such as "
    "the year, the month or the days since the first"
)
DECIMAL_COMMAS = (
    "holds numbers with a decimal comma, such as {}; write them with a point, or separate the columns by semicolons"
)
INFINITIES = (
    "holds numbers and infinities, such as {}, which nothing can be learnt from; leave those cells empty, or write a "
    "number there"
)


def disguise(column: CategoricalColumn) -> str | None:
    """What all texts of the column are instead of categories, and what to do; None where they may be categories."""
    texts = column.categories
    if texts and all(_DATE.fullmatch(text) for text in texts):
        return DATES.format(shown(texts[0]))
    commas = [text for text in texts if _DECIMAL_COMMA.fullmatch(text)]
    if commas and all(_DECIMAL_COMMA.fullmatch(text) or _WHOLE.fullmatch(text) for text in texts):
        return DECIMAL_COMMAS.format(shown(commas[0]))
    infinite = [text for text in texts if _INFINITE.fullmatch(text)]
    if infinite and all(_INFINITE.fullmatch(text) or _NUMBER.fullmatch(text) for text in texts):
        return INFINITIES.format(shown(infinite[0]))
    return None
