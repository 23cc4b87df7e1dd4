"""What every answer forbids a browser: to guess types, to frame, to load from elsewhere, to keep what is private."""

from flask import Response, request

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
# A chart brings its own styles, and nothing else.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
POLICIES = {"text/html": PAGE_POLICY, "image/svg+xml": PICTURE_POLICY}


def secure(response: Response) -> Response:
    """The same answer with security headers."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    # The pages of the dashboard say themselves what they need.
    headers.setdefault("Content-Security-Policy", POLICIES.get(response.mimetype or "", DATA_POLICY))
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Accept")
    return response
