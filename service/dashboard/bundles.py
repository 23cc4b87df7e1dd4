"""The files of the libraries, packed once, and kept by browsers for good: their addresses name their versions."""

import gzip
import mimetypes
import pkgutil
import re
from functools import lru_cache

from dash import _validate
from dash.exceptions import DependencyException, InvalidResourceError
from dash.fingerprint import check_fingerprint
from flask import Request, Response
from werkzeug.exceptions import NotFound

from service.dashboard.application import dashboard, index

MOST_FILES = 64
LEVEL = 6
FILE = re.compile(r'src="/_dash-component-suites/([^/"]+)/([^"]+)"')
FOR_GOOD = "public, max-age=31536000, immutable"


def answer(asked: Request, package: str, path: str) -> Response:
    """The file, packed where the browser takes it so; raises NotFound for what no page names."""
    inside, fingerprinted = check_fingerprint(path)
    try:
        _validate.validate_js_path(dashboard().registered_paths, package, inside)
        packed = _packed(package, inside)
    except (DependencyException, InvalidResourceError, OSError) as error:
        raise NotFound from error
    response = Response(mimetype=mimetypes.guess_type(inside)[0] or "application/octet-stream")
    if asked.accept_encodings["gzip"]:
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(packed)
    else:
        response.set_data(gzip.decompress(packed))
    response.headers["Cache-Control"] = FOR_GOOD if fingerprinted else "no-cache"
    response.headers.add("Vary", "Accept-Encoding")
    return response


def pack() -> None:
    """Put the dashboard together, and pack the files that every page begins with."""
    for package, path in re.findall(FILE, index("/")[0]):
        _packed(package, check_fingerprint(path)[0])


@lru_cache(maxsize=MOST_FILES)
def _packed(package: str, path: str) -> bytes:
    content = pkgutil.get_data(package, path)
    if content is None:
        raise FileNotFoundError(path)
    return gzip.compress(content, LEVEL, mtime=0)
