"""A short slice of the harness; ``python -m tests.faults --runs 1000`` is the whole of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its children")
def test_nothing_is_lost_doubled_or_stuck_whatever_breaks(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    runs = os.environ.get("CUADRE_FAULT_RUNS", "24")
    command = [
        sys.executable,
        "-m",
        "tests.faults",
        "--runs",
        runs,
        "--seed",
        "ci",
        "--report",
        str(report),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    total = json.loads(report.read_text())["total"]
    assert total["sent"] == total["documents"] == int(runs) * 12
    assert (total["lost"], total["duplicated"], total["stuck"], total["broken_journals"]) == (
        0,
        0,
        0,
        0,
    )
