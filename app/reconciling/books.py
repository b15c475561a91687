"""What a pair of books is called from month to month."""

from __future__ import annotations

import re
from pathlib import Path

from app.journal import Journal, batches
from app.matching import Side


def pair_of(journal: Journal, specs: tuple[str, str], sides: tuple[Side, Side]) -> str:
    """What a pair of sides is called from month to month; a trial balance is another book than the
    movements.
    """
    names = [
        f"{_book(journal, spec)}{':balances' if side.balances_only else ''}"
        for spec, side in zip(specs, sides, strict=True)
    ]
    return "|".join(names if names[0] != names[1] else specs)


def _book(journal: Journal, spec: str) -> str:
    """What a side is called from month to month: the source system of an imported batch, the
    connection of a pull, or the name of a file without its folder and its month.
    """
    number = spec.partition(":")[2]
    if spec.startswith("pull:"):
        return spec
    if not spec.startswith("batch:") or not number.isdigit():
        return f"file:{_without_month(Path(spec).stem)}"
    row = batches.find(journal, int(number))
    assert row is not None
    if row.source_system in ("", "table", "bank"):
        return f"file:{_without_month(Path(row.name).stem)}"
    return f"books:{row.source_system}"


def _without_month(name: str) -> str:
    """A file's name without what says which month it is of; the whole name where nothing else is
    left.
    """
    kept = _MONTH.sub(" ", name.casefold().replace("_", " ").replace("-", " "))
    return " ".join(kept.split()) or name.casefold()


_MONTH = re.compile(
    r"\(\d{1,2}\)|\b(?:copia|copy)\b|\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])?\b|\b(?:0[1-9]|1[0-2])\b"
    r"|\b(?:ene|feb|mar|abr|may|jun|jul|ago|sep|sept|oct|nov|dic|jan|apr|aug|dec)\b"
    r"|\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|january|february"
    r"|march|april|june|july|august|september|october|november|december)\b"
)
