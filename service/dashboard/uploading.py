"""A place to drop a table: the browser sends the file itself, piece by piece, and not as text in a callback."""

from collections.abc import Sequence
from typing import Any

from service.dashboard.amounts import size
from service.dashboard.components import OWN, OwnComponent
from service.services import services
from service.uploads import SUFFIXES


class TableUpload(OwnComponent):
    """Chooses or takes a file, sends it, tells how far it is; `kept` becomes the id of the dataset that came of it."""

    _namespace = OWN
    _children_props: Sequence[str] = ()
    _type = "TableUpload"

    def __init__(self, id: str, **more: Any) -> None:  # noqa: A002, ANN401 -- as Dash has it
        limit = services().settings.dataset_limit_bytes
        super().__init__(id=id, accept=",".join(SUFFIXES), limit=limit, limitInWords=size(limit), **more)
