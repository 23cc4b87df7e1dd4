"""The files of a bundle, and the archive that they lie in."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from deltarule.training.exports.bundle.proof import proof
from deltarule.training.exports.bundle.readme import readme
from deltarule.training.exports.facts import NOTHING, About, arrays, metadata, packed, written
from deltarule.training.model import Model

PROGRAM = Path(__file__).with_name("predict.py")
"""Goes into the bundle as it stands."""

THE_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""When every file of an archive was made: equal models give equal bytes on any day."""


def to_bundle(model: Model, about: About = NOTHING) -> bytes:
    """A zip with `predict.py`, `weights.npz`, `preprocessing.json`, `self_test.json` and `README.md`.

    `weights.npz` has the arrays of `to_npz`; `preprocessing.json` is its metadata and the columns of the training data
    that the model does not look at; `self_test.json` has rows and the answers that the program must give them.
    """
    names = model.form.inputs.names
    others = [name for name in model.form.table.names if name not in names]
    files = {
        "README.md": readme(model, about).encode(),
        "predict.py": PROGRAM.read_bytes(),
        "preprocessing.json": written({**metadata(model, about), "other_columns": others}),
        "self_test.json": written(proof(model)),
        "weights.npz": packed(arrays(model)),
    }
    return _zipped(files)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, THE_FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix on every machine, so that the permissions are read as such
            entry.external_attr = 0o644 << 16
            writer.writestr(entry, content)
    return archive.getvalue()
