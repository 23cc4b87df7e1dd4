"""A job in a file, as JSON or as YAML, whichever its name says."""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from deltarule.cli.failures import CommandError

YAML_SUFFIXES = (".yaml", ".yml")


def read_spec(path: Path) -> dict[str, Any]:
    """A job's document from a file.

    Raises:
        CommandError: if the file is not what its name says, or holds something else than one object.
    """
    document = _yaml(path) if path.suffix.lower() in YAML_SUFFIXES else _json(path)
    if not isinstance(document, dict):
        raise CommandError(
            f"{path} holds no object.", "A job is an object, like the one that `deltarule job ID --json` shows."
        )
    return document


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}.", "A job in YAML is named .yaml or .yml.") from error


def _yaml(path: Path) -> object:
    # Pure Python, for that reads YAML 1.2: `no` is a text and 1e-3 a number.
    try:
        return YAML(typ="safe", pure=True).load(path.read_bytes())
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise CommandError(f"{path} is not YAML: {error.problem or 'it cannot be read'}{place}.") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not YAML.") from error
