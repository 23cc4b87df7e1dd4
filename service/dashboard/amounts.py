"""Counts, sizes and times in the words that people use."""

KILO = 1000
SIZES = ("bytes", "kB", "MB", "GB", "TB")
MINUTE, HOUR = 60, 3600
EXACT = 10_000
"""Whole numbers below this are written out."""


def count(number: int) -> str:
    """A whole number, its thousands set apart."""
    return f"{number:,}"


def size(of_bytes: int) -> str:
    """An amount of bytes, in the unit that leaves three digits or fewer before the point."""
    amount, unit = float(of_bytes), 0
    while amount >= KILO and unit < len(SIZES) - 1:
        amount, unit = amount / KILO, unit + 1
    return f"{of_bytes} bytes" if unit == 0 else f"{amount:.3g} {SIZES[unit]}"


def duration(seconds: float) -> str:
    """A time that something is expected to take."""
    if seconds < 1:
        return "under a second"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h"


def share(part: int, whole: int) -> str:
    """A part of a whole, in percent."""
    percent = 100 * part / whole if whole else 0.0
    return "under 0.1 %" if 0 < percent < 0.1 else f"{percent:.3g} %"  # noqa: PLR2004


def number(value: float | None) -> str:
    """A value of a column."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value == int(value) and abs(value) < EXACT else f"{value:.4g}"
