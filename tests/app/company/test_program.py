"""Where the program lies, and where it keeps its data when it is carried about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.company import program, settings
from tests.app.conftest import Run


def test_the_version_is_told(run: Run) -> None:
    text = Path(__file__).parents[3].joinpath("pyproject.toml").read_text("utf-8")
    number = re.search(r'^version = "(.*)"', text, re.MULTILINE)
    assert number is not None
    status, told = run("--version")
    assert (status, told.strip()) == (0, f"Cuadre {number[1]}")


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(program.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.delenv("CUADRE_HOME", raising=False)
    return tmp_path


def test_data_lies_beside_a_program_with_the_mark(carried: Path) -> None:
    assert settings.home_folder(None) != carried / "data"
    (carried / program.PORTABLE_MARK).touch()
    assert settings.home_folder(None) == carried / "data"


def test_a_chosen_home_wins(carried: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (carried / program.PORTABLE_MARK).touch()
    assert settings.home_folder("/otra") == Path("/otra")
    monkeypatch.setenv("CUADRE_HOME", "/variable")
    assert settings.home_folder(None) == Path("/variable")
