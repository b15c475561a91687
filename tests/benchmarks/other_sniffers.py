"""What other tools tell of a text table's delimiter: those that are installed, each with its own
defaults.
"""

from __future__ import annotations

import csv
import importlib.util
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def delimiters(lines: Sequence[str]) -> Mapping[str, str]:
    """Tool → the delimiter it tells; empty where it tells none or stumbles."""
    text = "\n".join(lines) + "\n"
    found: dict[str, str] = {}
    for name, (module, tell) in _TOOLS.items():
        if importlib.util.find_spec(module):
            try:
                found[name] = tell(text)
            except Exception:
                found[name] = ""
    return found


def _sniffer(text: str) -> str:
    return csv.Sniffer().sniff(text[:8000]).delimiter


def _clevercsv(text: str) -> str:
    import clevercsv

    dialect = clevercsv.Sniffer().sniff(text[:30_000])
    return dialect.delimiter or "" if dialect else ""


def _frictionless(text: str) -> str:
    from frictionless import Resource, formats

    with Resource(data=text.encode(), format="csv") as resource:
        control = resource.dialect.get_control("csv")
        assert isinstance(control, formats.CsvControl)
        return control.delimiter


def _duckdb(text: str) -> str:
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_text(text, "utf-8")
        row = duckdb.execute("SELECT Delimiter FROM sniff_csv(?)", [str(path)]).fetchone()
    return str(row[0]) if row else ""


_TOOLS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "csv.Sniffer": ("csv", _sniffer),
    "clevercsv": ("clevercsv", _clevercsv),
    "frictionless": ("frictionless", _frictionless),
    "DuckDB sniff_csv": ("duckdb", _duckdb),
}
