"""What a browser may do with the pages of the dashboard: run the scripts of this service, and talk to nobody else.

Styles may stand in the page, because Mantine, AG Grid and Plotly write theirs there; scripts may not, and no text
becomes a script. (https://www.w3.org/TR/CSP3/)
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType

SHARED = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# A form tells its origin only where a page may be named to its own service.
SAME_ORIGIN = "same-origin"
SIGN_IN_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": f"default-src 'none'; style-src 'self'; img-src 'self'; {SHARED}",
        "Referrer-Policy": SAME_ORIGIN,
    }
)


def hash_of(script: str) -> str:
    """What the policy calls a script by that stands in the page."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def page_headers(script_hashes: Sequence[str]) -> dict[str, str]:
    """The headers of a page whose inline scripts have these hashes."""
    policy = (
        f"default-src 'none'; script-src 'self' {' '.join(script_hashes)}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; {SHARED}"
    )
    return {"Content-Security-Policy": policy, "Referrer-Policy": SAME_ORIGIN}
