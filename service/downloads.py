"""A file on its way out: in pieces, from where its reader stopped, under a name that is only a name."""

import unicodedata
from typing import IO, Any
from urllib.parse import quote

from flask import Request, Response
from werkzeug.exceptions import PreconditionFailed
from werkzeug.http import dump_options_header
from werkzeug.wsgi import FileWrapper

PIECE_BYTES = 256 * 1024
LONGEST_NAME = 120
PLAIN = "!#$&+-.^_`|~"
"""What a name in a header may hold beside letters and digits without being quoted (RFC 8187)."""
FORBIDDEN = frozenset('/\\"<>|:*?')


def download(asked: Request, file: IO[bytes], *, size: int, media_type: str, name: str, sha256: str) -> Response:
    """A file of `size` bytes as an attachment, or the one range of it that was asked for; it is closed when it is sent.

    Its entity tag is the SHA-256 of its bytes, so that who has them already is answered 304.

    Raises:
        RequestedRangeNotSatisfiable: for a range that begins after the end.
        PreconditionFailed: for an If-Match that names other bytes.
    """
    answer = Response(FileWrapper(file, PIECE_BYTES), mimetype=media_type, direct_passthrough=True)
    answer.call_on_close(file.close)
    answer.content_length = size
    answer.headers["Content-Disposition"] = attachment(name)
    answer.set_etag(sha256)
    # The bytes never change, but whoever asks again has to show a key again.
    answer.cache_control.private = True
    answer.cache_control.no_cache = True
    try:
        _condition(answer, asked, size)
    except BaseException:
        answer.close()
        raise
    return answer


def _condition(answer: Response, asked: Request, size: int) -> None:
    answer.make_conditional(_environment(asked, size), accept_ranges=True, complete_length=size)
    if answer.status_code == PreconditionFailed.code:
        raise PreconditionFailed(f"The file has the entity tag {answer.headers['ETag']}, which If-Match does not name.")


def attachment(name: str) -> str:
    """The Content-Disposition of a file to be saved under this name; what no file system takes becomes `_`.

    Letters outside ASCII are told twice, once without their accents, as RFC 6266 (appendix D) asks for.
    """
    safe = "".join("_" if letter in FORBIDDEN or not letter.isprintable() else letter for letter in name)
    safe = safe.strip(" .")[-LONGEST_NAME:] or "file"
    if safe.isascii():
        return dump_options_header("attachment", {"filename": safe})
    plain = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode()
    names = {"filename": plain or "file", "filename*": f"UTF-8''{quote(safe, safe=PLAIN)}"}
    return dump_options_header("attachment", names)


def _environment(asked: Request, size: int) -> dict[str, Any]:
    """The request's environment with a Range that Werkzeug takes as RFC 9110 (section 14) has it, or with none.

    Ignored are ranges of an unknown unit, those that make no sense, and several at once, which may be answered whole.
    The last bytes of a file that has not so many are all of them.
    """
    environment: dict[str, Any] = dict(asked.environ)
    wanted = asked.range
    if asked.method != "GET" or wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        environment.pop("HTTP_RANGE", None)
    elif wanted.ranges[0][0] < -size:
        environment["HTTP_RANGE"] = "bytes=0-"
    return environment
