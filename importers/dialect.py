"""How a text table is laid out: its delimiter and quote, and which physical lines form one record."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from importers.tables import RawLine

DELIMITERS = (";", "\t", "|", ",")
_SPAN_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Dialect:
    delimiter: str
    quotechar: str = '"'


def find_dialect(lines: Iterable[str]) -> Dialect | None:
    """The delimiter that splits most lines into the same number (two or more) of fields; None for running text.

    A comma that only groups digits (``1,234,567``) loses against a delimiter that gives wider, steadier rows.
    """
    sample = [line for line in lines if line.strip()][:500]
    best: tuple[float, Dialect] | None = None
    for delimiter in DELIMITERS:
        widths = Counter(len(split(line, delimiter)) for line in sample)
        usable = [(count, width) for width, count in widths.items() if width > 1]
        if not usable:
            continue
        count, width = max(usable)
        score = (count / len(sample)) ** 1.5 * min(width, 8)
        if best is None or score > best[0] * 1.05:
            best = (score, Dialect(delimiter))
    return best[1] if best and best[0] > 0.5 else None


def split(line: str, delimiter: str) -> list[str]:
    """Fields of one logical record; a lone quote is an ordinary character, not the start of a field without end."""
    if '"' not in line:
        return line.split(delimiter)
    if line.count('"') % 2:
        return [field.strip('"') for field in line.split(delimiter)]
    return next(csv.reader([line], delimiter=delimiter), [])


def logical_records(lines: Iterable[RawLine], delimiter: str) -> Iterator[tuple[list[RawLine], list[str]]]:
    """Records with the physical lines they span: an open quote runs on until it closes, at most 20 lines."""
    waiting: list[RawLine] = []
    for line in lines:
        waiting.append(line)
        quotes = sum(part.text.count('"') for part in waiting)
        if quotes % 2 and len(waiting) < _SPAN_LIMIT and line.terminated:
            continue
        if quotes % 2:
            for part in waiting:
                yield [part], split(part.text, delimiter)
        else:
            yield waiting, split("\n".join(part.text for part in waiting), delimiter)
        waiting = []
    for part in waiting:
        yield [part], split(part.text, delimiter)
