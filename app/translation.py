"""Spanish and English for everything a person reads, from the files Qt Linguist edits.

Texts are written in English in the code and marked for ``lupdate``;
``resources/translations/cuadre_XX.ts`` holds the translations. They are read directly, so the
command line speaks without Qt; the window hands the same catalogue to Qt (``app/ui/language.py``).
"""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from functools import cache
from typing import Protocol
from xml.etree import ElementTree

import resources

LANGUAGES = ("es", "en")
_current = "es"


class Formattable(Protocol):
    @property
    def text(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, object]: ...


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark ``text`` for translation in ``context`` and return it unchanged."""
    return text


def set_language(language: str) -> None:
    global _current
    _current = language if language in LANGUAGES else "es"


def language() -> str:
    return _current


def system_language() -> str:
    """English where the system speaks English, Spanish everywhere else."""
    name = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not name:
        name = locale.getlocale()[0] or ""
    return "en" if name.lower().startswith(("en", "english")) else "es"


def translate(context: str, text: str, count: int | None = None) -> str:
    """The text in the current language; with ``count``, the right plural with ``%n`` replaced."""
    forms = catalogue(_current).get((context, text))
    if count is None:
        return forms[0] if forms else text
    chosen = forms[0 if count == 1 or len(forms) == 1 else 1] if forms else text
    return chosen.replace("%n", str(count))


def render(message: Formattable, context: str) -> str:
    """A message of a wing in the current language, with its values filled in; one of a document
    among many begins with the document's name.
    """
    said = translate(context, message.text).format(**message.parameters)
    document = message.parameters.get("document")
    return f"{document}: {said}" if document else said


@cache
def catalogue(name: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """(context, English text) → translation forms, of finished entries."""
    file = resources.path("translations", f"cuadre_{name}.ts")
    if not file.exists():
        return {}
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None or translation.get("type"):
                continue
            forms = [form.text or "" for form in translation.findall("numerusform")] or [
                translation.text or ""
            ]
            if all(forms):
                found[(context.findtext("name", ""), message.findtext("source", ""))] = tuple(forms)
    return found
