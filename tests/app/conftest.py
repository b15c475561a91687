"""Running commands in process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import cli
from connectors.sandbox.server import DEFAULT_PASSWORD

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command in process; answers (exit status, JSON or text)."""
    monkeypatch.setenv("CUADRE_HOME", str(home))
    monkeypatch.setenv("CUADRE_SECRET_SB", DEFAULT_PASSWORD)

    def call(*arguments: object, lang: str = "en") -> tuple[int, Any]:
        capsys.readouterr()
        words = [*map(str, arguments), "--lang", lang]
        try:
            status = cli.main(words, lambda *_: 0, lambda *_: None)
        except SystemExit as stop:
            status = int(str(stop.code))
        out, err = capsys.readouterr()
        return status, json.loads(out) if "--json" in words and out else out + err

    return call
