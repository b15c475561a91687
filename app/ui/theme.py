"""Colours, light and dark. Chosen so that the states stay apart for every kind of colour vision; a
test computes it. Colour is never the only sign: each state also has a symbol and a word.
"""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

LIGHT = {
    "only_left": "#a8d1ff",
    "only_right": "#ffd2a1",
    "different": "#c9f27b",
    "suggested": "#e9dcf7",
    "error": "#ffc9c4",
    "warning": "#ffe9a8",
    "good": "#1b6e3c",
    "bad": "#a3201a",
    "muted": "#5b6770",
}
DARK = {
    "only_left": "#47647b",
    "only_right": "#7d420b",
    "different": "#66399a",
    "suggested": "#4a4a5e",
    "error": "#7a2a2a",
    "warning": "#6b5710",
    "good": "#7fd6a0",
    "bad": "#ff9d95",
    "muted": "#a7b0b8",
}


def colours(palette: QPalette) -> dict[str, QColor]:
    """The colours that fit a palette."""
    dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
    return {name: QColor(value) for name, value in (DARK if dark else LIGHT).items()}


CHART_LIGHT = ("#0b5fa5", "#b4510a", "#6b3fa0", "#a3201a")
CHART_DARK = ("#7ab8f5", "#f0a35e", "#c3a0ee", "#ff9d95")


def chart_colours(palette: QPalette) -> list[QColor]:
    """The colours of series that fit a palette."""
    dark = palette.color(QPalette.ColorRole.Base).lightness() < 128
    return [QColor(value) for value in (CHART_DARK if dark else CHART_LIGHT)]


STYLE = """
QListWidget#navigation { border: none; background: palette(window); font-size: 11pt; }
QListWidget#navigation::item { padding: 9px 14px; border-radius: 6px; margin: 1px 6px; }
QListWidget#navigation::item:selected {
  background: palette(highlight); color: palette(highlighted-text);
}
QLabel#title { font-size: 16pt; font-weight: 600; }
QLabel#hint { color: palette(placeholder-text); }
QFrame#figure {
  border: 1px solid palette(midlight); border-radius: 8px; background: palette(base);
}
QLabel#figureValue { font-size: 12pt; font-weight: 600; }
QFrame#drop { border: 2px dashed palette(mid); border-radius: 10px; background: palette(base); }
QFrame#drop[over="true"] { border-color: palette(highlight); }
QHeaderView::section { padding: 4px 6px; }
"""
