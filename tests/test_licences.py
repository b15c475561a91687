"""Nothing under the GPL is in the locked set: the product is Apache-2.0 and goes out as one
program.
"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

LOCK = Path(__file__).parents[1] / "packaging" / "requirements.txt"
LOCKED = re.findall(r"^([A-Za-z0-9_.\-]+)==", LOCK.read_text("utf-8"), re.MULTILINE)
_COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
_WEAKER = re.compile(r"LGPL|Lesser General Public|\bMPL|\bMIT\b|\bBSD|Apache", re.IGNORECASE)


def licence(name: str) -> str | None:
    """What a package says of its licence; None where it is not installed on this system."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    classes = [text for text in said.get_all("Classifier") or [] if text.startswith("License")]
    return " ".join([said.get("License-Expression") or said.get("License") or "", *classes])


def is_allowed(text: str) -> bool:
    """Whether it may be part of the program: no GPL, unless another licence may be chosen."""
    return not _COPYLEFT.search(text) or _WEAKER.search(text) is not None


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("GPL-3.0-only", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("AGPL-3.0", False),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0", True),
        ("LGPL-3.0-only", True),
        ("MIT", True),
        ("License :: OSI Approved :: Apache Software License", True),
    ],
)
def test_what_may_be_part_of_the_program(text: str, allowed: bool) -> None:
    assert is_allowed(text) is allowed


def test_the_locked_set_holds_no_gpl() -> None:
    told = {name: text for name in LOCKED if (text := licence(name)) is not None}
    assert len(told) > 60
    assert {name: text for name, text in told.items() if not is_allowed(text)} == {}
    assert [name for name, text in told.items() if not text.strip()] == []


def test_a_package_of_the_gpl_is_not_in_the_lock() -> None:
    assert "ofxtools" not in LOCKED
