"""What is sent is packed: files once, and kept by browsers for as long as they do not change; answers each time."""

import gzip

from flask import Request, Response

LEVEL, FAST = 6, 1
SMALLEST = 1400
"""Bytes that are worth packing: what does not fit into one packet of a network."""
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


def packed(content: bytes) -> bytes:
    """The content as it is sent and kept here."""
    return gzip.compress(content, LEVEL, mtime=0)


def delivered(asked: Request, content: bytes, mimetype: str, *, for_good: bool) -> Response:
    """The answer with this packed content, unpacked for who takes it only so; nothing of it for who has it already."""
    response = Response(mimetype=mimetype)
    if asked.accept_encodings["gzip"]:
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(content)
    else:
        response.set_data(gzip.decompress(content))
    response.headers["Cache-Control"] = FOR_GOOD if for_good else ASK_AGAIN
    response.headers.add("Vary", "Accept-Encoding")
    response.add_etag()
    response.make_conditional(asked)
    return response


def squeezed(asked: Request, answer: Response) -> Response:
    """An answer that is made anew each time, packed quickly where that helps and the browser takes it so."""
    content = answer.get_data()
    answer.headers.add("Vary", "Accept-Encoding")
    if asked.accept_encodings["gzip"] and len(content) >= SMALLEST:
        answer.set_data(gzip.compress(content, FAST))
        answer.headers["Content-Encoding"] = "gzip"
    return answer
