"""The product's tests with Windows Python, under Wine: ``dev.py windows --suite``.

The program folder with tests and their tools in it; not what is given to users.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import fetching
from assembling import assemble
from wine import Windows, is_here

PROGRAM = (
    "import sys, os; os.chdir(sys.argv[1]); sys.path.insert(0, sys.argv[1]);"
    " import pytest; raise SystemExit(pytest.main(sys.argv[2:]))"
)
LEFT_OUT = ("tests/faults", "tests/attacks", "tests/live", "tests/test_licences.py")
"""Made of signals, processes and tools of POSIX, or of the development environment."""


def run(build: Path, lock: Path, dev_lock: Path, arguments: Sequence[str]) -> int:
    """pytest's exit status; 0 with a word where Wine is missing."""
    if not is_here():
        print("NOT RUN: Wine is not installed (Debian: wine, wine64).", flush=True)
        return 0
    folder = build / "Suite"
    python = fetching.embeddable_python(build / "python")
    assemble(python, fetching.wheels(dev_lock, build / "wheels-suite"), folder, suite=True)
    windows = Windows.new(build / "wine-suite")
    program = "Z:" + str(folder / "app").replace("/", "\\")
    chosen = list(arguments) or [f"--ignore={one}" for one in LEFT_OUT]
    command = [
        "wine",
        str(folder / "runtime" / "python.exe"),
        *("-B", "-X", "utf8", "-c", PROGRAM, program, "-q", "-p", "no:cacheprovider", *chosen),
    ]
    environment = {**windows.environment, "WINEQT_QPA_PLATFORM": "offscreen"}
    try:
        piped = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert piped.stdout is not None
        for line in iter(piped.stdout.readline, b""):
            text = line.decode("utf-8", "replace").rstrip()
            if not text.lstrip(".").startswith("wine:"):
                print(text, flush=True)
            if piped.poll() is not None:
                break
        return piped.wait()
    finally:
        windows.stop()
