"""What a storm has shown: counts, and every promise that was broken."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SHOWN = 20
"""Broken promises that are printed in full; the JSON has them all."""


@dataclass
class Result:
    """The counts of one storm and the sentences about what it broke; none of these means that all promises held."""

    storm: str
    ground: str
    parameters: dict[str, Any]
    counts: dict[str, Any] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic, repr=False)

    def count(self, **counts: object) -> None:
        """Keep these counts."""
        self.counts |= counts

    def blame(self, *violations: str) -> None:
        """Keep these broken promises."""
        self.violations += violations

    def require(self, holds: object, sentence: str) -> None:
        """Keep the sentence as a broken promise unless this holds."""
        if not holds:
            self.violations.append(sentence)

    def ended(self) -> "Result":
        """The same result, with the time that the storm has taken."""
        self.seconds = round(time.monotonic() - self._began, 1)
        return self

    def text(self) -> str:
        """The result as a table."""
        rows: Mapping[str, object] = {**self.parameters, **self.counts, "seconds": self.seconds}
        lines = [f"{self.storm} on {self.ground}"]
        lines += [f"  {name.replace('_', ' '):<42} {value}" for name, value in rows.items()]
        lines += [f"  BROKEN: {sentence}" for sentence in self.violations[:SHOWN]]
        lines.append(f"  broken promises: {len(self.violations)}")
        return "\n".join(lines)


def write(results: list[Result], file: Path | None) -> None:
    """Append the results to a file, one JSON object a line."""
    if file is None:
        return
    with file.open("a") as lines:
        for result in results:
            document = {name: value for name, value in asdict(result).items() if not name.startswith("_")}
            lines.write(json.dumps(document, default=str) + "\n")
