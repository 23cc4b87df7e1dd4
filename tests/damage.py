"""Bytes that nearly are what a parser reads: good ones, damaged at random, again and again, for every parser there is.

python -m tests.damage --cases 20000        and 200 of Parquet, each of which is unpacked in a process of its own

Whatever comes must be read or refused in the errors that the parser declares, in memory that does not grow.
"""

import argparse
import json
import random
import resource
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars
from werkzeug.exceptions import BadRequest

from deltarule.training.errors import DataError
from deltarule.training.spec import Spec
from deltarule.training.tables import Format, describe, read
from service.errors import Invalid
from service.examples import EXPLANATIONS, JOBS, PREDICTIONS
from service.explaining import ExplanationRequest
from service.parsing import SECOND_LOOKS, parse_json
from service.schemas.predictions import PredictionRequest

PENGUINS = Path(__file__).parent.parent / "examples" / "penguins.csv"
TOKENS = (
    *(b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b":"),
    *(b"1e999", b"-", b".", b"null", b"NaN", b"true", b"1" * 400, b"[" * 2000, b'{"a":' * 500, b"\\ud800", b"\x7f"),
    *(b"\xff\xff\xff\x7f", b"\xff" * 8, b"\0" * 8, b"\x80", b"PK\3\4", b"PK\1\2", b"\x93NUMPY", b"PAR1"),
)
"""What parsers stumble over."""


@dataclass(frozen=True, slots=True)
class Parser:
    """What reads bytes, the errors that it declares, and bytes that it reads."""

    read: Callable[[bytes], object]
    declared: tuple[type[Exception], ...]
    samples: tuple[bytes, ...]
    cost: int = 1


def damaged(sample: bytes, chance: random.Random) -> bytes:
    """The sample with a few changes: bytes turned, put in, taken out, repeated, or cut off."""
    content = bytearray(sample)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.randint(1, 40))
        match chance.randrange(6):
            case 0 if at < len(content):
                content[at] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
            case 1:
                content[at:at] = chance.choice(TOKENS)
            case 2:
                content[at:end] = chance.choice(TOKENS)
            case 3:
                del content[at:end]
            case 4:
                content[at:at] = content[at:end] * chance.choice((1, 2, 100))
            case _:
                del content[chance.choice((at, len(content))) :]
    return bytes(content)


def table(kind: Format) -> Callable[[bytes], object]:
    """Reads a table and describes it: both must come to the same."""

    def tried(content: bytes) -> object:
        found = read(content, kind)
        assert describe(content, kind) == found.schema
        return found

    return tried


def request(model: type[Spec] | type[PredictionRequest] | type[ExplanationRequest]) -> Callable[[bytes], object]:
    """Reads the body of a request; a job's faults of meaning are looked for by a whole service only."""

    def tried(content: bytes) -> object:
        with patch.dict(SECOND_LOOKS, clear=True):
            return parse_json(model, content)

    return tried


def written(write: Callable[[BytesIO], object]) -> bytes:
    """What is written into a file."""
    file = BytesIO()
    write(file)
    return file.getvalue()


def bodies(examples: dict[str, dict[str, object]]) -> tuple[bytes, ...]:
    """Examples as they are sent."""
    return tuple(json.dumps(example["value"]).encode() for example in examples.values())


def parsers() -> dict[str, Parser]:
    """Every parser that reads what strangers send."""
    frame = polars.DataFrame({"a": [1.5, None, 3.0], "b": ["x", "y", None], "c": [True, False, True]})
    inputs, texts = np.arange(12.0).reshape(4, 3), np.array(["a", "b", "a", "ü"])
    lines = b"".join(json.dumps({"a": row / 2, "b": "xy"[row % 2]}).encode() + b"\n" for row in range(5))
    documents = ({"inputs": inputs.tolist(), "targets": [0, 1, 0, 1]}, {"columns": {"a": [1, None], "b": ["x", "y"]}})
    quoted = 'a;"b ""c""";d\r\n1,5;"x\ny";ü\r\n-2;"";\r\n'.encode()
    packed = (
        written(lambda file: np.savez(file, inputs=inputs, targets=texts)),
        written(lambda file: np.savez_compressed(file, inputs=np.eye(40), targets=np.eye(40, 2))),
    )
    plain = written(lambda file: frame.write_parquet(file, compression="uncompressed"))
    refused = (BadRequest, Invalid)
    return {
        "csv": Parser(table("csv"), (DataError,), (b"\n".join(PENGUINS.read_bytes().split(b"\n")[:40]), quoted)),
        "json": Parser(table("json"), (DataError,), tuple(json.dumps(each).encode() for each in documents)),
        "ndjson": Parser(table("ndjson"), (DataError,), (lines,)),
        "npz": Parser(table("npz"), (DataError,), packed),
        "parquet": Parser(table("parquet"), (DataError,), (written(frame.write_parquet), plain), cost=100),
        "job": Parser(request(Spec), refused, bodies(JOBS)),
        "prediction": Parser(request(PredictionRequest), refused, bodies(PREDICTIONS)),
        "explanation": Parser(request(ExplanationRequest), refused, bodies(EXPLANATIONS)),
    }


def attack(parser: Parser, cases: int, seed: int) -> Counter[str]:
    """How often what was damaged was read and how often refused; raises what the parser does not declare."""
    chance, counts = random.Random(seed), Counter[str]()  # noqa: S311 -- repeatable, not secret
    for number in range(max(1, cases // parser.cost)):
        content = damaged(parser.samples[number % len(parser.samples)], chance)
        try:
            parser.read(content)
        except parser.declared as error:
            assert str(error)  # noqa: PT017
            counts["refused"] += 1
        except BaseException:
            sys.stderr.write(f"case {number} of seed {seed}: {content!r}\n")
            raise
        else:
            counts["read"] += 1
    return counts


def mebibytes() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(words: Sequence[str] | None = None) -> None:
    """Attack every parser, or those that are named, and tell what it came to."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--parsers", nargs="+", choices=list(parsers()), default=list(parsers()))
    chosen = options.parse_args(words)
    for name in chosen.parsers:
        parser = parsers()[name]
        attack(parser, 100, chosen.seed)
        before = mebibytes()
        counts = attack(parser, chosen.cases, chosen.seed)
        sys.stdout.write(f"{name}: {dict(counts)}, memory grew by {mebibytes() - before:.1f} MiB\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
