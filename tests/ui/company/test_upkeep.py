"""Set-up, support and updates from the menus of a real window."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QMessageBox

from app.agent import setup
from app.company import settings, updates
from app.company.updates import Release
from app.ui.company.upkeep import SetupDialog, SupportDialog
from app.ui.main_window import MainWindow

Idle = Callable[[], None]
OK = QDialogButtonBox.StandardButton.Ok


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *given, **_: found.append(str(given[2])))
    return found


def test_a_set_up_is_exported_and_imported_with_a_reason(
    window: MainWindow, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "montaje.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(file), ""))
    other = settings.open_journal(tmp_path / "otra")
    settings.keep_company_name(other, "Otra, S.A.")
    setup.export_setup(other, tmp_path / "otra", file)
    other.close()
    window.upkeep.import_setup()
    idle()
    (dialog,) = window.findChildren(SetupDialog)
    assert not dialog.buttons.button(OK).isEnabled()
    dialog.reason.setText("nuevo puesto")
    dialog.accept()
    idle()
    assert settings.company_name(window.session.journal) == "Otra, S.A."
    window.upkeep.export_setup()
    idle()
    assert setup.read_setup(file).settings["company-name"] == "Otra, S.A."


def test_what_is_no_set_up_is_told(
    window: MainWindow,
    idle: Idle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: list[str],
) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_, **__: (str(tmp_path / "x.zip"), "")
    )
    window.upkeep.import_setup()
    idle()
    assert len(told) == 1 and "No se cambió nada" in told[0]


def test_a_support_bundle_is_shown_and_then_saved(
    window: MainWindow, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ayuda.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(file), ""))
    window.upkeep.support()
    idle()
    (dialog,) = window.findChildren(SupportDialog)
    assert "versions.txt" in dialog.shown.toPlainText() and not file.exists()
    dialog.accept()
    idle()
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            assert archive.read(name).decode().strip() in dialog.shown.toPlainText()


def test_without_a_key_of_the_makers_no_update_is_looked_for(
    window: MainWindow, idle: Idle, told: list[str]
) -> None:
    window.upkeep.look_for_updates()
    idle()
    assert len(told) == 1 and "clave de sus autores" in told[0]


def test_an_update_is_asked_about_before_it_is_downloaded(
    window: MainWindow, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def no(*given: object, **_: object) -> QMessageBox.StandardButton:
        asked.append(str(given[2]))
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", no)
    monkeypatch.setattr(updates, "download", lambda *_: pytest.fail("not asked for"))
    release = Release("99.0.0", "https://x.example/x.exe", "0", {"es": "Lee más."})
    monkeypatch.setattr(updates, "check", lambda *_: release)
    window.upkeep.look_for_updates()
    idle()
    assert len(asked) == 1 and "99.0.0" in asked[0] and "Lee más." in asked[0]
