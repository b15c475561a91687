"""What is refused before there is a window is told in a box: a program of the start menu has no
other place to say it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.company import settings
from app.ui import application


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(QMessageBox, "critical", lambda *given, **_: found.append(str(given[2])))
    return found


def test_a_damaged_journal_is_told_in_a_box(qtbot: QtBot, home: Path, told: list[str]) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "journal.db").write_bytes(b"this is no database " * 500)
    assert application.run(home) == 2
    assert len(told) == 1 and "Nothing was written" in told[0]


def test_a_forgotten_journal_is_told_in_a_box(qtbot: QtBot, home: Path, told: list[str]) -> None:
    settings.open_journal(home).close()
    (home / "anchors.jsonl").write_text("{}\n", "utf-8")
    (home / "journal.db").unlink()
    assert application.run(home) == 2
    assert len(told) == 1 and str(home) in told[0]
