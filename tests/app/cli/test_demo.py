"""The whole way on the shipped sample, in a process of its own, as the README's command runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from app.company import settings
from app.journal import events
from app.journal.event_words import FACTS, HIDDEN


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_demo_proves_itself(tmp_path: Path, lang: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [
        sys.executable,
        "-m",
        "app",
        "demo",
        "--json",
        "--lang",
        lang,
        "--keep",
        str(tmp_path / "demo"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=120, check=True
    )
    answer = json.loads(done.stdout)
    assert answer["import"]["documents"] == {"ready": 236, "blocked": 2}
    assert answer["push"]["confirmed"] == 236
    assert (
        answer["reconciliation"]["difference"] == answer["reconciliation"]["unexplained"] == "0.00"
    )
    assert Path(answer["picture"]).read_bytes().startswith(b"\x89PNG")
    book = openpyxl.load_workbook(answer["report"])
    categories = {row[-1] for row in book.worksheets[2].iter_rows(min_row=2, values_only=True)}
    words = {
        "es": {"póliza descuadrada", "folio repetido"},
        "en": {"voucher does not balance", "number used twice"},
    }
    assert categories == words[lang]
    assert book.worksheets[0]["A1"].value == {"es": "Conciliación", "en": "Reconciliation"}[lang]
    journal = settings.open_journal(tmp_path / "demo" / "home")
    names = {name for event in events.of(journal) for name in event.data}
    journal.close()
    assert names <= FACTS.keys() | HIDDEN, "every fact a person reads has words"
