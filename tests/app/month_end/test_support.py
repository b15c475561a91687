"""What is given to somebody who helps says how things stand, and nobody's name."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest

from app.company import settings
from app.company.settings import ConnectionSettings
from app.month_end import support
from tests.app.conftest import Run
from tests.conftest import SAMPLE


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("escriba a maria.lopez@empresa.com.mx", "maria"),
        ("RFC PNU010203AB9 y otro", "PNU010203AB9"),
        ("total 12,345.67", "12,345"),
        ("saldo 99.10", "99.10"),
        ("NIT 900123456", "900123456"),
        ("NIT 900.123.456-7", "456"),
        ("NIT 900123456-7", "900123456"),
        ("rfc pnu010203ab9", "pnu"),
        ("PNU-010203-AB9", "010203"),
        ("total 1.234,56", "234"),
        ("saldo 99,10", "99"),
        ("CLABE 0021 8000 1234 5678 90", "1234"),
        ("cuenta 012345678901234567", "0123456"),
        (r"C:\Users\mlopez\x.txt", "mlopez"),
        ("/home/mlopez/x.txt", "mlopez"),
        ("https://user:clave1@host/x", "clave1"),
        ('{"token": "abc123def"}', "abc123def"),
        ("password=hunter2", "hunter2"),
        ("password: hunter two", "two"),
        ("postgresql://user:clave1@host/x", "clave1"),
        ("Authorization: Bearer abc.def", "abc"),
        ("XAXX010101000_2026.xml", "XAXX"),
        ("banco_12345678.csv", "12345678"),
        (r"No such file: 'C:\\\\Users\\\\Juan Pérez\\\\Clientes\\\\López\\\\a.xlsx'", "Pérez"),
        (r"No such file: 'C:\\\\Users\\\\Juan Pérez\\\\Clientes\\\\López\\\\a.xlsx'", "López"),
        (r"\\\\srv-acme\\conta\\x.txt", "acme"),
        ("Decimal('1234.567')", "1234"),
    ],
)
def test_what_identifies_is_redacted(text: str, gone: str) -> None:
    assert gone not in support.redacted(text)


@pytest.mark.parametrize(
    "text", ["Cuadre 0.1.0 · Python 3.11.7 · glibc2.36", "2026-01-31", "python3.11/site-packages"]
)
def test_what_helps_stays(text: str) -> None:
    assert support.redacted(text) == text


def test_the_bundle_of_a_home(run: Run, home: Path) -> None:
    run("import", SAMPLE)
    journal = settings.open_journal(home)
    settings.add_connection(
        journal, ConnectionSettings("odoo", "odoo", "https://odoo.panaderia.example", "db", "maria")
    )
    (home / "reports").mkdir(exist_ok=True)
    (home / "reports" / "error-1.txt").write_text("falló con RFC PNU010203AB9", "utf-8")
    parts = support.bundle(journal, home)
    journal.close()
    whole = "\n".join(parts.values())
    assert sum(json.loads(parts["journal.json"])["events"].values()) > 1
    assert "odoo" in parts["settings.json"]
    assert json.loads(parts["health.json"])["orphans"] == 0
    for private in ("panaderia", "maria", "PNU010203AB9"):
        assert private not in whole


@pytest.mark.parametrize(("said", "saved"), [("no\n", False), ("sí\n", True)])
def test_it_is_shown_and_saved_only_when_somebody_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, saved: bool
) -> None:
    file = tmp_path / "ayuda.zip"
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    _, told = run("support", "bundle", file)
    assert "versions.txt" in told
    assert file.is_file() is saved
    if saved:
        with zipfile.ZipFile(file) as archive:
            assert "health.json" in archive.namelist()
