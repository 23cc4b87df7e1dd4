import base64
import hashlib
import re

import pytest
from flask.testing import FlaskClient

INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL)


def directives(policy: str) -> dict[str, list[str]]:
    words = [directive.split() for directive in policy.split(";")]
    return {name: values for name, *values in words}


@pytest.mark.parametrize("path", ["/", "/jobs/some-job"])
def test_a_page_runs_its_own_scripts_and_talks_to_nobody_else(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    policy = directives(page.headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert not [word for words in policy.values() for word in words if "http" in word or "*" in word]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]


def test_every_inline_script_is_named_by_its_hash(client: FlaskClient) -> None:
    page = client.get("/")
    allowed = directives(page.headers["Content-Security-Policy"])["script-src"]
    scripts = INLINE.findall(page.text)
    assert scripts
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed


def test_the_door_runs_no_script_at_all(client: FlaskClient) -> None:
    policy = directives(client.get("/sign-in").headers["Content-Security-Policy"])
    assert "script-src" not in policy
    assert policy["form-action"] == ["'self'"]
