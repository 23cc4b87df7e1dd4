import io

import pytest
from flask import Flask, request
from werkzeug.http import parse_options_header

from service.downloads import attachment, download


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("table.csv", "table.csv", None),
        ("my table.csv", "my table.csv", None),
        ('"; filename="evil.exe', "_; filename=_evil.exe", None),
        ("a\r\nSet-Cookie: x=1", "a__Set-Cookie_ x=1", None),
        ("../../etc/passwd", "_.._etc_passwd", None),
        ("C:\\windows\\x.csv", "C__windows_x.csv", None),
        ("\0", "_", None),
        ("..", "file", None),
        ("", "file", None),
        ("Größe.csv", "Groe.csv", "Größe.csv"),
        ("数据", "file", "数据"),
        ("a\u202egnp.csv", "a_gnp.csv", None),
    ],
)
def test_a_name_is_only_a_name(name: str, plain: str, full: str | None) -> None:
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    kind, options = parse_options_header(header)
    assert kind == "attachment"
    # A reader that knows `filename*` prefers it.
    assert options["filename"] == (full or plain)
    assert f'"{plain}"' in header or f"filename={plain}" in header


def test_a_long_name_keeps_its_end() -> None:
    assert attachment("x" * 5000 + ".csv").endswith("x.csv")
    assert len(attachment("é" * 5000)) < 1000


@pytest.mark.parametrize(
    "headers", [{}, {"Range": "bytes=99-"}, {"If-Match": '"other"'}, {"If-None-Match": '"digest"'}]
)
def test_the_file_is_closed_whatever_is_answered(headers: dict[str, str]) -> None:
    app, file = Flask(__name__), io.BytesIO(b"content")

    @app.get("/")
    def answer() -> object:
        return download(request, file, size=7, media_type="text/csv", name="x", sha256="digest")

    app.test_client().get("/", headers=headers).close()
    assert file.closed
