#!/usr/bin/env python3
"""Keeps the README's table of what is read true to the layouts: ``formats.py update`` writes it,
``check`` fails where it differs.

A layout says itself on what it stands (``certainty``); the table groups them by system.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- formats: packaging/formats.py update -->", "<!-- formats end -->"
SYSTEMS = {
    "contpaqi": "CONTPAQi Contabilidad",
    "comercial": "CONTPAQi Comercial",
    "adminpaq": "AdminPAQ, Factura Electrónica",
    "aspel-coi": "Aspel COI",
    "sat": "SAT",
    "world-office": "World Office",
    "siigo": "Siigo",
    "helisa": "Helisa",
    "siesa": "SIESA",
    "dian": "DIAN",
    "sap-b1": "SAP Business One",
    "bank": "Banks, wallets and standards",
    "table": "Anything else whose heading names its columns",
}
COLUMNS = {
    "real-file": "on a real file",
    "vendor-document": "on the vendor's document or the standard",
    "public-code": "as public programs write or read it",
    "inferred": "inferred",
}


def main() -> int:
    sys.path.insert(0, str(ROOT))
    text = README.read_text("utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    wanted = f"{text[:start]}\n{table()}\n{text[end:]}"
    if sys.argv[1:] == ["update"]:
        README.write_text(wanted, "utf-8")
        return 0
    if wanted != text:
        print(
            "The README's table of formats is not that of the layouts: packaging/formats.py update"
        )
        return 1
    return 0


def table() -> str:
    """The rows of Markdown, one a system, without those Cuadre writes itself."""
    from importers.profile import load_profiles

    titles: dict[tuple[str, str], dict[str, None]] = {}
    for profile in load_profiles().values():
        key = profile.source_system, profile.certainty.value
        titles.setdefault(key, {})[short(profile.title)] = None
    rows = [["from", *COLUMNS.values()], ["---"] * (len(COLUMNS) + 1)]
    for system, name in SYSTEMS.items():
        cells = ["; ".join(titles.get((system, certainty), {})) for certainty in COLUMNS]
        rows.append([name, *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def short(title: str) -> str:
    """A title without the system it is of and the word all statements have."""
    own = "|".join(re.escape(name) for name in ("CONTPAQi Contabilidad", "World Office", "DIAN"))
    said = re.sub(
        rf"^(?:{own}|SAT Contabilidad electrónica|Siigo|SIESA|Helisa|Aspel COI): ", "", title
    )
    return re.sub(r": movimientos$", "", said)


if __name__ == "__main__":
    sys.exit(main())
