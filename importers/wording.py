"""Texts for people that stay translatable: an English template and the values that fill it.

The wing knows no translation system. Templates are marked with :func:`QT_TRANSLATE_NOOP` so that
Qt's ``lupdate`` collects them; whoever shows a :class:`Message` translates ``text`` first and
formats afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark ``text`` for translation in ``context`` and return it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """``text`` is a ``str.format`` template in English; ``parameters`` are its named values."""

    text: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.parameters)
