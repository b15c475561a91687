"""Reading a table by its columns and row by row gives the same records, findings and lines, on
every text of the samples and cases and on files somebody has damaged.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import resources
from importers import Failure, Line, Options, Source, Voucher, read
from importers.ledger import blocks
from tests.conftest import DATA

FILES = sorted(
    path
    for folder in (DATA, resources.path("samples"))
    for path in folder.rglob("*")
    if path.suffix in (".csv", ".txt", ".tsv") and path.stat().st_size < 300_000
)


def items_of(name: str, data: bytes) -> list[Any]:
    source = Source.of(name, data, Options(own_tax_ids=("EKU9003173C9", "800333444")))
    return list(map(comparable, read(source)))


def comparable(item: Any) -> Any:
    """A line by what it says; a voucher with its lines, whatever keeps them."""
    if isinstance(item, Line):
        return item.number, item.disposition, item.rule, item.text
    return replace(item, lines=tuple(item.lines)) if isinstance(item, Voucher) else item


def both_ways(
    monkeypatch: pytest.MonkeyPatch, name: str, data: bytes
) -> tuple[list[Any], list[Any]]:
    by_columns = items_of(name, data)
    with monkeypatch.context() as patch:
        for module in ("importers.ledger", "importers.ledger.vouchers"):
            patch.setattr(f"{module}.has_plain_lines", lambda _: False)
        return by_columns, items_of(name, data)


def sorted_of(items: list[Any]) -> list[str]:
    """Records may come before or after their line; everything is there once."""
    return sorted(map(repr, items))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_the_same_by_columns_and_by_rows(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    try:
        one, other = both_ways(monkeypatch, path.name, path.read_bytes())
    except ValueError:
        pytest.skip("no text this machine can read")
    assert sorted_of(one) == sorted_of(other)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_the_same_by_columns_and_by_rows(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    lines = ["Fecha;Cuenta;Póliza;Referencia;Concepto;RFC;Debe;Haber"]
    for number in range(40):
        cents = chance.randrange(1, 10**7)
        shown = f"{cents / 100:.2f}"
        sides = (shown, "") if number % 2 else ("", shown)
        lines.append(
            f"{1 + number % 28:02d}/03/2026;102-{number % 5:02d};{number // 2};FE-{number};"
            f"Pago {number};EKU9003173C9;{sides[0]};{sides[1]}"
        )
    for _ in range(chance.randrange(1, 12)):
        place = chance.randrange(len(lines))
        line = list(lines[place])
        at = chance.randrange(len(line))
        line[at] = chance.choice("';E1x, .-\t")
        lines[place] = "".join(line)
    data = ("\n".join(lines) + "\n").encode()
    one, other = both_ways(monkeypatch, "libro.csv", data)
    assert sorted_of(one) == sorted_of(other)
    assert not any(isinstance(item, Failure) and "stumbled" in repr(item) for item in one)


def test_the_short_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above compare two ways only where there are two."""
    seen = []
    whole = blocks.BlockReader.read

    def counted(self: blocks.BlockReader, lines: Any) -> blocks.Block:
        seen.append(len(lines))
        return whole(self, lines)

    monkeypatch.setattr(blocks.BlockReader, "read", counted)
    rows = "13/03/2026;102;FE-1;5.00;\n14/03/2026;102;REC-2;;3.00\n"
    items_of("libro.csv", f"Fecha;Cuenta;Referencia;Debe;Haber\n{rows}".encode())
    assert seen
