"""The whole way on the shipped sample, in a process of its own, as the README's command runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_demo_proves_itself(tmp_path: Path, lang: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "app", "demo", "--json", "--lang", lang, "--keep", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=True)
    answer = json.loads(done.stdout)
    assert answer["import"]["documents"] == {"ready": 236, "blocked": 2}
    assert answer["push"]["confirmed"] == 236
    assert answer["reconciliation"]["difference"] == answer["reconciliation"]["unexplained"] == "0.00"
    assert Path(answer["picture"]).read_bytes().startswith(b"\x89PNG")
    assert (
        "Conciliación" in str([c.value for c in openpyxl.load_workbook(answer["report"]).worksheets[0][1]])
        or lang == "en"
    )
