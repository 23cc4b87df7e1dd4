"""The files of the libraries, packed once; which of them a page begins with."""

import mimetypes
import pkgutil
import re
from functools import lru_cache

from dash import _validate
from dash.exceptions import DependencyException, InvalidResourceError
from dash.fingerprint import check_fingerprint
from flask import Request, Response
from werkzeug.exceptions import NotFound

from service.dashboard.application import LATER, dashboard, document
from service.dashboard.packing import delivered, packed
from service.dashboard.table import PAGES

MOST_FILES = 64
FILE = re.compile(r'src="/_dash-component-suites/([^/"]+)/([^"]+)"')


def answer(asked: Request, package: str, path: str) -> Response:
    """The file, packed where the browser takes it so; raises NotFound for what no page names."""
    inside, fingerprinted = check_fingerprint(path)
    try:
        _validate.validate_js_path(dashboard().registered_paths, package, inside)
        content = _packed(package, inside)
    except (DependencyException, InvalidResourceError, OSError) as error:
        raise NotFound from error
    mimetype = mimetypes.guess_type(inside)[0] or "application/octet-stream"
    return delivered(asked, content, mimetype, for_good=fingerprinted)


def pack() -> None:
    """Put the dashboard together, and pack the files of its pages, those of the first page first."""
    for page in PAGES:
        for package, path in re.findall(FILE, document(re.sub("<[^>]+>", "0", page.path))):
            _packed(package, check_fingerprint(path)[0])
    for package, path in LATER:
        _packed(package, path)


@lru_cache(maxsize=MOST_FILES)
def _packed(package: str, path: str) -> bytes:
    content = pkgutil.get_data(package, path)
    if content is None:
        raise FileNotFoundError(path)
    return packed(content)
