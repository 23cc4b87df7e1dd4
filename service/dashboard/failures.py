"""What went wrong, in a sentence on the page: of a callback above what is shown, of a page in its place."""

import dash_mantine_components as dmc
import structlog
from dash import set_props
from flask import g
from werkzeug.exceptions import HTTPException

from service.problems import STATUSES

UNEXPECTED = "Something went wrong inside the service; its log tells more under {}."


def sentence(error: Exception) -> str:
    """The words that are meant for users; of an error that has none only under which id the log tells more."""
    faults = getattr(error, "faults", ())
    if isinstance(error, (HTTPException, *STATUSES)) and faults:
        return " ".join(f"{fault.pointer}: {fault.detail}" if fault.pointer else fault.detail for fault in faults)
    if isinstance(error, HTTPException):
        return error.description or error.name
    if isinstance(error, tuple(STATUSES)):
        return str(error)
    structlog.get_logger().error("unexpected exception", exc_info=error)
    return UNEXPECTED.format(g.request_id)


def tell(error: Exception) -> None:
    """Say on the page what went wrong in a callback, and leave everything else as it is."""
    set_props("notice", {"children": notice(sentence(error))})


def notice(words: str) -> dmc.Alert:
    """The sentence, with a button that takes it away."""
    return dmc.Alert(
        words,
        title="That did not work",
        color="red",
        variant="outline",
        withCloseButton=True,
        closeButtonLabel="Close this message",
        mb="md",
    )
