"""Colours and measures of the window, light and dark, in one place. The colours of states were
chosen so that they stay apart for every kind of colour vision; a test computes it. Colour is never
the only sign: each state also has a symbol and a word.
"""

from __future__ import annotations

from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

import resources

LIGHT = {
    "ground": "#f5f7f9",
    "card": "#ffffff",
    "line": "#dfe4ea",
    "edge": "#c3ccd5",
    "ink": "#1d2733",
    "muted": "#566472",
    "accent": "#0b6e6e",
    "pressed": "#095858",
    "on_accent": "#ffffff",
    "tint": "#d5eceb",
    "hover": "#eef2f5",
    "rail": "#102a33",
    "rail_at": "#1e4853",
    "rail_ink": "#d7e2e5",
    "count": "#f0b64d",
    "only_left": "#a8d1ff",
    "only_right": "#ffd2a1",
    "different": "#c9f27b",
    "suggested": "#e9dcf7",
    "error": "#ffc9c4",
    "warning": "#ffe9a8",
    "good": "#1b6e3c",
    "bad": "#a3201a",
    "attention": "#8a5300",
}
DARK = {
    "ground": "#13191d",
    "card": "#1b2329",
    "line": "#323d45",
    "edge": "#46535d",
    "ink": "#e8edf0",
    "muted": "#a7b0b8",
    "accent": "#3fb6b0",
    "pressed": "#5cc9c3",
    "on_accent": "#06201f",
    "tint": "#1d4a4a",
    "hover": "#26313a",
    "rail": "#0b1215",
    "rail_at": "#1b3a42",
    "rail_ink": "#cfdadd",
    "count": "#f0b64d",
    "only_left": "#47647b",
    "only_right": "#7d420b",
    "different": "#66399a",
    "suggested": "#4a4a5e",
    "error": "#7a2a2a",
    "warning": "#6b5710",
    "good": "#7fd6a0",
    "bad": "#ff9d95",
    "attention": "#f0b64d",
}
CHART_LIGHT = ("#0b5fa5", "#b4510a", "#6b3fa0", "#a3201a")
CHART_DARK = ("#7ab8f5", "#f0a35e", "#c3a0ee", "#ff9d95")
ROW_HEIGHT = 28
_CHOSEN = "cuadreDark"


def choose(application: QApplication, dark: bool | None) -> None:
    """Light or dark from now on; None follows the system."""
    application.setProperty(_CHOSEN, dark)
    dress(application)


def dress(application: QApplication) -> None:
    """Give the application its colours: those that were chosen, else those of the system."""
    chosen = application.property(_CHOSEN)
    scheme = application.styleHints().colorScheme()
    dark = scheme == Qt.ColorScheme.Dark if chosen is None else bool(chosen)
    colour = DARK if dark else LIGHT
    application.setPalette(palette_of(colour))
    arrow = resources.path("icons", "chevron-down.svg")
    application.setStyleSheet(_STYLE.substitute(colour, arrow=str(arrow).replace("\\", "/")))


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


def colours(palette: QPalette) -> dict[str, QColor]:
    """The colours that fit a palette."""
    return {name: QColor(value) for name, value in (DARK if is_dark(palette) else LIGHT).items()}


def chart_colours(palette: QPalette) -> list[QColor]:
    """The colours of series that fit a palette."""
    return [QColor(value) for value in (CHART_DARK if is_dark(palette) else CHART_LIGHT)]


def palette_of(colour: dict[str, str]) -> QPalette:
    made = QPalette()
    role = QPalette.ColorRole
    for roles, name in (
        ((role.Window, role.Light), "ground"),
        ((role.Base, role.Button, role.ToolTipBase), "card"),
        ((role.AlternateBase, role.Midlight), "hover"),
        (
            (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.HighlightedText),
            "ink",
        ),
        ((role.Highlight,), "tint"),
        ((role.PlaceholderText,), "muted"),
        ((role.Mid, role.Dark), "edge"),
        ((role.Link, role.LinkVisited, role.Accent), "accent"),
        ((role.BrightText,), "bad"),
    ):
        for one in roles:
            made.setColor(one, QColor(colour[name]))
    faint = QColor(colour["muted"])
    for one in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, one, faint)
    return made


_STYLE = Template("""
QListWidget#navigation { border: none; background: $rail; outline: none; }
QFrame#rail { background: $rail; border: none; }
QLabel#brand { color: #ffffff; font-size: 13pt; font-weight: 600; padding: 14px 20px 10px 20px; }
QLabel#railFoot { color: $rail_ink; padding: 8px 18px 14px 18px; }
QLabel#title { font-size: 15pt; font-weight: 600; }
QLabel#cardTitle { font-weight: 600; }
QLabel#hint { color: $muted; }
QFrame#card, QFrame#figure {
  border: 1px solid $line; border-radius: 10px; background: $card;
}
QFrame#figure:hover { border-color: $edge; }
QFrame#figure:focus { border: 2px solid $accent; }
QLabel#figureValue { font-size: 17pt; font-weight: 600; }
QFrame#strip { background: $card; border: none; border-top: 1px solid $line; }
QFrame#drop { border: 2px dashed $edge; border-radius: 10px; background: $card; }
QFrame#drop[over="true"] { border-color: $accent; background: $tint; }
QFrame#notice { border-radius: 6px; border: 1px solid $line; background: $card; }
QFrame#notice[kind="good"] { border-left: 4px solid $good; }
QFrame#notice[kind="bad"] { border-left: 4px solid $bad; }
QFrame#notice[kind="attention"] { border-left: 4px solid $attention; }
QFrame#notice[kind="plain"] { border-left: 4px solid $accent; }
QPushButton {
  border: 1px solid $edge; border-radius: 6px; background: $card; padding: 5px 12px;
  min-height: 18px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $tint; }
QPushButton:focus { border: 2px solid $accent; padding: 4px 11px; }
QPushButton:disabled { color: $muted; border-color: $line; background: $ground; }
QPushButton:checked { background: $tint; border-color: $accent; }
QPushButton[primary="true"] {
  background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton[primary="true"]:hover { background: $pressed; }
QPushButton[primary="true"]:focus { border: 2px solid $ink; }
QPushButton[primary="true"]:disabled {
  background: $line; color: $muted; border-color: $line;
}
QPushButton::menu-indicator { subcontrol-position: right center; right: 6px; }
QLineEdit, QPlainTextEdit, QTextEdit {
  border: 1px solid $edge; border-radius: 6px; background: $card; padding: 4px 8px;
  selection-background-color: $tint; selection-color: $ink;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {
  border: 2px solid $accent; padding: 3px 7px;
}
QComboBox {
  border: 1px solid $edge; border-radius: 6px; background: $card; padding: 4px 10px;
  min-height: 18px;
}
QComboBox:focus { border: 2px solid $accent; padding: 3px 9px; }
QComboBox:disabled { color: $muted; border-color: $line; background: $ground; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url($arrow); width: 14px; height: 14px; }
QComboBox QAbstractItemView { border: 1px solid $edge; background: $card; }
QTableView {
  border: 1px solid $line; border-radius: 6px; background: $card; gridline-color: $line;
  selection-background-color: $tint; selection-color: $ink;
}
QTableView:focus { border: 1px solid $accent; }
QHeaderView { background: $hover; border: none; }
QHeaderView::section {
  background: $hover; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 5px 4px; font-weight: 600;
}
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabBar::tab {
  padding: 7px 14px; border: none; border-bottom: 3px solid transparent; color: $muted;
}
QTabBar::tab:selected { color: $ink; border-bottom-color: $accent; font-weight: 600; }
QTabBar::tab:hover { color: $ink; }
QTabBar::tab:focus { color: $accent; }
QMenuBar { background: $ground; }
QMenuBar::item { padding: 4px 10px; }
QMenuBar::item:selected { background: $tint; border-radius: 4px; }
QMenu { background: $card; border: 1px solid $edge; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 14px; border-radius: 4px; }
QMenu::item:selected { background: $tint; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QGroupBox {
  border: 1px solid $line; border-radius: 10px; margin-top: 12px; padding-top: 8px;
  background: $card; font-weight: 600;
}
QGroupBox::title { subcontrol-origin: margin; left: 12px; padding: 0 4px; }
QProgressBar { border: none; border-radius: 4px; background: $line; max-height: 8px; }
QProgressBar::chunk { border-radius: 4px; background: $accent; }
QSplitter::handle { background: $ground; }
QToolTip { color: $ink; background: $card; border: 1px solid $edge; padding: 4px; }
""")
