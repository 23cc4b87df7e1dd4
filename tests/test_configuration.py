"""docs/configuration.md names every setting, and none that there is not."""

import re
from pathlib import Path

from deltarule.store.settings import OTHERS, PREFIX, Settings

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"


def test_the_page_lists_every_setting() -> None:
    listed = set(re.findall(r"^\| `(DELTARULE_[A-Z_]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_the_page_names_the_client_s_variables() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{PREFIX}{name}`" in text for name in OTHERS)
