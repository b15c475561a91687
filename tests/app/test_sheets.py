"""No export holds a formula."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.maps import Link, MapKind
from app.journal import Journal
from app.sending import maps
from app.sending.choosing import TargetNames
from app.sheets import as_written, harmless, write_csv, write_rows
from connectors.sandbox import SandboxConnector

FORMULAS = ('=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "=")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_begins_as_a_formula_is_a_text(tmp_path: Path, text: str) -> None:
    write_csv(tmp_path / "a.csv", [(text, "x")])
    (row,) = csv.reader((tmp_path / "a.csv").read_text("utf-8-sig").splitlines())
    assert not row[0].startswith(("=", "+", "-", "@", "\t"))
    write_rows(tmp_path / "a.xlsx", "a", ("h",), [(text,)], (10,))
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A2"]  # type: ignore[index]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("text", ["-1,234.50", "+5", "-3", "0001", "abc"])
def test_a_number_stays_a_number(text: str) -> None:
    assert harmless(text) == text


@given(st.text(max_size=30))
def test_what_was_made_harmless_comes_back(text: str) -> None:
    assert as_written(harmless(text)) == text or text.startswith("'")


@pytest.mark.parametrize("text", FORMULAS[:4])
def test_a_map_comes_back_as_it_was(
    journal: Journal, tmp_path: Path, connect: Callable[[], SandboxConnector], text: str
) -> None:
    maps.save(journal, "odoo", [Link(MapKind.ACCOUNT, text, "102.01", "")])
    for name in ("m.csv", "m.xlsx"):
        maps.export_map(journal, "odoo", tmp_path / name)
        maps.import_map(journal, "otro", tmp_path / name, TargetNames(connect()))
        found = maps.Maps.load(journal, "otro").links.values()
        assert [link.source for link in found] == [text]
    cells = list(csv.reader((tmp_path / "m.csv").read_text("utf-8-sig").splitlines()))[1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
