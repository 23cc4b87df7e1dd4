"""The folder of the pulses is this user's alone; a file of its own, because workers write there and need no more."""

import os
import stat
from pathlib import Path

from deltarule.cli.failures import CommandError
from deltarule.cli.supervision.pulse import folder

ELSEWHERE = "Remove it, or name another folder for temporary files in TMPDIR."
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def own_folder(temporary: Path | None = None) -> Path:
    """The same folder, made if it is not there; raises CommandError where it is not this user's alone.

    In a folder of temporary files anybody may have made one of its name, or a link to somewhere else, and could keep a
    hanging worker alive or have files touched.
    """
    own = folder(temporary)
    try:
        own.mkdir(mode=0o700, exist_ok=True)
        found = own.lstat()
    except OSError as error:
        raise CommandError(f"The folder {own} cannot be made: {error.strerror}.", ELSEWHERE) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & OTHERS_WRITE:
        raise CommandError(f"The folder {own} is not this user's alone.", ELSEWHERE)
    return own
