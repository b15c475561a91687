#!/usr/bin/env python3
"""Keeps the translations complete: ``translations.py update`` collects new texts, ``check`` fails
on any gap.

``update`` runs Qt's lupdate over the code into ``resources/translations/cuadre_XX.ts``; English
entries finish themselves (the texts in the code are English), Spanish ones are for a person in Qt
Linguist.
"""

from __future__ import annotations

import string
import subprocess
import sys
import tempfile
from itertools import chain
from pathlib import Path
from shutil import copy2
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
LANGUAGES = {"es": "es_MX", "en": "en_US"}
Entry = tuple[str, str]


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else "check"
    if command == "update":
        for name, locale in LANGUAGES.items():
            file = FOLDER / f"cuadre_{name}.ts"
            plurals = plural_forms(file)
            lupdate(file, locale)
            finish(file, name == "en", plurals)
        return 0
    return check()


def check() -> int:
    """Print every text of the code that a language lacks, and every translation that lost a
    placeholder.
    """
    problems: list[str] = []
    for name, locale in LANGUAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / f"cuadre_{name}.ts"
            copy2(FOLDER / fresh.name, fresh)
            lupdate(fresh, locale)
            wanted = entries(fresh)
        kept = entries(FOLDER / f"cuadre_{name}.ts")
        for key, forms in wanted.items():
            if key not in kept or not all(kept[key]):
                problems.append(f"{name}: not translated: {key}")
            elif any(placeholders(key[1]) != placeholders(form) for form in kept[key] or forms):
                problems.append(f"{name}: placeholders differ: {key}")
        problems += [f"{name}: no longer in the code: {key}" for key in kept.keys() - wanted.keys()]
    print(
        "\n".join(problems)
        or f"translations complete: {len(wanted)} texts in {len(LANGUAGES)} languages"
    )
    return 1 if problems else 0


def lupdate(file: Path, locale: str) -> None:
    sources = sorted(
        str(path.relative_to(ROOT))
        for path in chain.from_iterable(
            (ROOT / wing).rglob("*.py") for wing in ("app", "importers", "connectors")
        )
    )
    tool = Path(sys.executable).with_name(
        "pyside6-lupdate" + (".exe" if sys.platform == "win32" else "")
    )
    command = [
        str(tool),
        *sources,
        "-ts",
        str(file),
        "-no-obsolete",
        "-locations",
        "none",
        "-target-language",
        locale,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def _messages(context: ElementTree.Element) -> list[tuple[str, ElementTree.Element]]:
    """The messages of a context with its name."""
    name = context.findtext("name", "")
    return [(name, message) for message in context.iter("message")]


def plural_forms(file: Path) -> dict[Entry, tuple[str, ...]]:
    """The forms each ``%n`` text has; lupdate forgets those outside of ``tr``."""
    found: dict[Entry, tuple[str, ...]] = {}
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            forms = tuple(form.text or "" for form in message.iter("numerusform"))
            if forms and all(forms):
                found[context.findtext("name", ""), message.findtext("source", "")] = forms
    return found


def finish(file: Path, english: bool, plurals: dict[Entry, tuple[str, ...]]) -> None:
    """Finish what a machine may: English from the source; ``%n`` texts always have two forms."""
    tree = ElementTree.parse(file)
    for context, message in chain.from_iterable(map(_messages, tree.getroot().iter("context"))):
        source, translation = message.findtext("source", ""), message.find("translation")
        assert translation is not None
        if "%n" in source:
            message.set("numerus", "yes")
            forms = [form.text or "" for form in translation.findall("numerusform")]
            if not any(forms) and (context, source) in plurals:
                fill(translation, plurals[context, source])
                translation.attrib.pop("type", None)
            elif not any(forms):
                plain = source.replace("(s)", "")
                texts = (plain, source.replace("(s)", "s")) if english else ("", "")
                fill(translation, texts)
        if english and "%n" not in source:
            translation.text = source
        if english:
            translation.attrib.pop("type", None)
    ElementTree.indent(tree, "    ")
    text = ElementTree.tostring(tree.getroot(), encoding="unicode")
    file.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{text}\n', encoding="utf-8"
    )


def fill(translation: ElementTree.Element, forms: tuple[str, ...]) -> None:
    translation.text = None
    for old in list(translation):
        translation.remove(old)
    for form in forms:
        ElementTree.SubElement(translation, "numerusform").text = form


def entries(file: Path) -> dict[Entry, list[str]]:
    """(context, source) → translation forms; an unfinished one counts as empty."""
    found: dict[Entry, list[str]] = {}
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            forms: list[str] = []
            if translation is not None and not translation.get("type"):
                forms = [form.text or "" for form in translation.findall("numerusform")] or [
                    translation.text or ""
                ]
            found[(context.findtext("name", ""), message.findtext("source", ""))] = forms or [""]
    return found


def placeholders(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


if __name__ == "__main__":
    sys.exit(main())
