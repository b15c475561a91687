"""Every text is translatable, translated, and asked for by a code that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from app.decisions import Decision
from app.journal.event_words import EVENTS
from app.reconciling.signing import STEPS, State
from app.translation import catalogue
from importers.findings import RULES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path for wing in ("app", "importers", "connectors") for path in (ROOT / wing).rglob("*.py")
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_translated_texts_are_literals(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("tr", "translate", "QT_TRANSLATE_NOOP"):
                assert not any(isinstance(argument, ast.JoinedStr) for argument in node.args), (
                    f"{path}:{node.lineno}"
                )


def test_every_text_that_is_asked_for_is_in_the_catalogue() -> None:
    """What the extraction does not see (inside of an f-string, with a count) would stay English
    unnoticed.
    """
    known, missing = catalogue("es"), []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = (
                getattr(node.func, "attr", getattr(node.func, "id", ""))
                if isinstance(node, ast.Call)
                else ""
            )
            if isinstance(node, ast.Call) and name == "translate":
                texts = [
                    argument.value
                    for argument in node.args[:2]
                    if isinstance(argument, ast.Constant)
                ]
                if len(texts) == 2 and tuple(texts) not in known:
                    missing.append(f"{path}:{node.lineno}")
    assert missing == []


def test_every_finding_code_in_use_has_a_rule_and_every_rule_is_used() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCES if "findings.py" not in path.name)
    used = set(re.findall(r'(?:Finding|Unreadable|_reject)\(\s*(?:line, )?"([a-z-]+)"', text))
    assert used <= RULES.keys()
    assert RULES.keys() - used == set()


@pytest.mark.parametrize("language", ["es", "en"])
def test_both_languages_have_every_finding(language: str) -> None:
    assert {("findings", text) for _, text in RULES.values()} <= catalogue(language).keys()


def test_every_event_kind_has_words() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCES if path.name != "wording.py")
    kinds = set(
        re.findall(
            r'"((?:import|outbox|push|pull|map|connection|setting|reconciliation|preview|error)\.[a-z-]+)"',
            text,
        )
    )
    assert kinds - EVENTS.keys() - {"pull.id"} == set()


def test_every_kind_of_event_has_words_also_those_made_of_a_decision_or_a_state() -> None:
    """A kind that is put together of parts is not found by reading the code for literals."""
    made = {f"decision.{kind.action}" for kind in get_args(Decision)}
    made |= {f"decision.{word}" for word in ("undone", "redone", "withdrawn")}
    made |= {f"import.{word}" for word in ("cancelled", "failed")}
    made |= {f"reconciliation.{state.value}" for state in STEPS if state is not State.OPEN}
    assert made <= EVENTS.keys()
