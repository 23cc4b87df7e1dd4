"""Where a run keeps what is too much for its memory: a folder on a disk, not one that is memory itself."""

import os
import tempfile
from pathlib import Path

ON_DISK = Path("/var/tmp")  # noqa: S108 - files in it have no names, or folders of their own
"""The folder that systems keep for large temporary files, where /tmp may be memory."""


def scratch_folder() -> Path:
    """What `TMPDIR` names; else /var/tmp where it can be written to, else whatever Python takes."""
    asked = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    usable = not asked and ON_DISK.is_dir() and os.access(ON_DISK, os.W_OK)
    return ON_DISK if usable else Path(tempfile.gettempdir())
