"""No text of a file, a server or a person is ever taken for HTML."""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

import app.ui
from app.company import settings
from app.company.settings import ConnectionSettings
from app.ui.main_window import PAGE_NAMES, MainWindow
from app.ui.plain import Label, MarkedLabel, marked, plain
from app.ui.tables import RowsModel

Idle = Callable[[], None]
HOSTILE = "<img src='//extraño/x.png'><a href='file://x'>clic</a>"
SOURCES = sorted(Path(app.ui.__file__).parent.rglob("*.py"))


def is_harmless(text: str) -> bool:
    return not QtText.mightBeRichText(text) or ("<img" not in text and "<a " not in text)


def every_text(window: QWidget) -> Iterator[tuple[str, str]]:
    """What every widget shows that Qt might take for HTML."""
    for widget in [window, *window.findChildren(QWidget)]:
        yield f"{type(widget).__name__} tip", widget.toolTip()
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
            yield f"{type(widget).__name__} {widget.objectName()}", widget.text()
        if isinstance(widget, QAbstractItemView):
            model = widget.model()
            is_table = isinstance(model, RowsModel)
            for row in range(min(model.rowCount(QModelIndex()), 20)) if is_table else ():
                for column in range(len(model.columns)):
                    tip = model.index(row, column).data(Qt.ItemDataRole.ToolTipRole)
                    yield f"{type(widget).__name__} cell tip", str(tip or "")


def all_harmless() -> None:
    for window in QApplication.topLevelWidgets():
        for place, text in every_text(window):
            assert is_harmless(text), f"{place}: {text}"


@pytest.mark.parametrize("text", [HOSTILE, "<b>x</b>", "a\n<i>b</i>", "3 < 4", "&amp;", ""])
def test_a_text_is_shown_as_it_is(qtbot: QtBot, text: str) -> None:
    label = Label(text)
    qtbot.addWidget(label)
    assert (label.textFormat(), label.text()) == (Qt.TextFormat.PlainText, text)
    assert is_harmless(plain(text))
    assert is_harmless(marked("<b>{name}</b>", name=text))


def test_markup_of_our_own_stays_markup(qtbot: QtBot) -> None:
    label = MarkedLabel(marked("<b>{name}</b>", name="A & <B>"))
    qtbot.addWidget(label)
    assert label.text() == "<b>A &amp; &lt;B&gt;</b>"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_labels_and_dialogs_are_made_in_one_place(path: Path) -> None:
    """A label, and a text given to a dialog that is no literal, goes through ``plain``."""
    if path.name == "plain.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            assert name != "QLabel", f"{path.name}:{node.lineno}"
            if name.startswith("QMessageBox.") and name.split(".")[-1] in (
                "warning",
                "information",
                "question",
                "critical",
            ):
                said = ast.unparse(node.args[2])
                is_ours = said.startswith(("plain(", "self.tr(", "said"))
                assert is_ours, f"{path.name}:{node.lineno}: {said}"


def test_hostile_texts_of_files_and_people_reach_no_widget_as_html(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    text = (
        f'Fecha,Tipo,Poliza,Cuenta,Nombre cuenta,Concepto,Cargo,Abono,"{HOSTILE}"\n'
        f'05/01/2026,"{HOSTILE}",1,1020,"{HOSTILE}","{HOSTILE}",1.00,,x\n'
        f'05/01/2026,"{HOSTILE}",1,4010,"{HOSTILE}","{HOSTILE}",,1.00,x\n'
        f'05/01/2026,"{HOSTILE}",2,4010,"{HOSTILE}","{HOSTILE}",,{HOSTILE},x\n'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("<img src='x'><a href='y'>z.csv", text)
        archive.writestr("<img src='x'>.pdf", b"%PDF-1.4")
        archive.writestr("otro.csv", text.replace(",1,", ",3,"))
    path = tmp_path / "varios.zip"
    path.write_bytes(packed.getvalue())
    settings.add_connection(
        window.session.journal,
        ConnectionSettings("<img src='x'>", "sandbox", "http://127.0.0.1:9", user=HOSTILE),
    )
    window.go_to("intake")
    window.intake.open(path)
    idle()
    all_harmless()
    qtbot.mouseClick(window.intake.all_button, Qt.MouseButton.LeftButton)
    idle()
    window.session.changed.emit()
    for name in PAGE_NAMES:
        window.go_to(name)
        idle()
        all_harmless()
    window.go_to("reconciling")
    window.reconciling.run("batch:1", "batch:2")
    idle()
    all_harmless()
