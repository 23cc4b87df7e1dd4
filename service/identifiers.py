"""An id in a path is whatever stands there, but for the words that mean something else."""

from werkzeug.routing import BaseConverter


class Identifier(BaseConverter):
    """One segment of a path that is an id; `/v1/jobs/validate` is none, and must not answer as if it could be."""

    regex = r"(?!validate(?:/|$))[^/]+"
