"""How a text table is laid out: its delimiter and quote, and which physical lines form one
record.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from importers import patterns
from importers.records import Line

DELIMITERS = (";", "\t", "|", ",", "~")
UNQUOTED = "~"
"""What the SAT separates its metadata by: quotes are text there, bars its text mark, and a name may
hold a line end.
"""
_SPAN_LIMIT = 20
_LONGEST_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """``quoted_lines``: each line stands in quotes as a whole, as of a table saved as one
    column.
    """

    delimiter: str
    quotechar: str = '"'
    quoted_lines: bool = False


def find_dialect(lines: Iterable[str]) -> Dialect | None:
    """The delimiter that splits most lines into the same number (two or more) of fields; None for
    running text.

    A comma that only groups digits (``1,234,567``) loses against a delimiter that gives wider,
    steadier rows.
    """
    sample = [line[:_LONGEST_LOOKED_AT] for line in lines if line.strip()][:500]
    quoted_lines = sum(inside_quotes(line) != line for line in sample) > 0.9 * len(sample)
    if quoted_lines:
        sample = [inside_quotes(line) for line in sample]
    best: tuple[float, Dialect] | None = None
    for delimiter in DELIMITERS:
        widths = Counter(len(split(line, delimiter)) for line in sample)
        usable = [(count, width) for width, count in widths.items() if width > 1]
        if not usable:
            continue
        count, width = max(usable)
        score = (count / len(sample)) ** 1.5 * min(width, 8)
        if best is None or score > best[0] * 1.05:
            best = (score, Dialect(delimiter, quoted_lines=quoted_lines))
    return best[1] if best and best[0] > 0.5 else None


def split(line: str, delimiter: str) -> list[str]:
    """Fields of one logical record. A quote inside a field, or one that never closes, is an
    ordinary character.
    """
    if delimiter == UNQUOTED:
        return [cell.strip("|") for cell in line.split(delimiter)]
    if '"' not in line:
        return line.split(delimiter)
    fields, place = [], 0
    while place <= len(line):
        closing = _closing_quote(line, place, delimiter) if line.startswith('"', place) else -1
        if closing >= 0:
            fields.append(line[place + 1 : closing].replace('""', '"'))
            place = closing + 2
        else:
            end = line.find(delimiter, place)
            end = len(line) if end < 0 else end
            fields.append(line[place:end])
            place = end + 1
    return fields


def inside_quotes(line: str) -> str:
    """A line that somebody quoted as a whole (a table saved as one column) as it was before; any
    other as it is.
    """
    text = line.strip()
    if len(text) < 3 or text[0] != '"' or text[-1] != '"':
        return line
    inner = text[1:-1]
    if '"' in inner.replace('""', ""):
        return line
    return inner.replace('""', '"') if any(mark in inner for mark in DELIMITERS) else line


def logical_records(
    lines: Iterable[Line], dialect: Dialect
) -> Iterator[tuple[list[Line], list[str]]]:
    """The records of a table in text with the physical lines they span."""
    if dialect.delimiter == UNQUOTED:
        yield from _unquoted_records(lines)
    elif dialect.quoted_lines:
        for line in lines:
            yield [line], split(inside_quotes(line.text), dialect.delimiter)
    else:
        yield from _spanning_records(lines, dialect.delimiter)


def _unquoted_records(lines: Iterable[Line]) -> Iterator[tuple[list[Line], list[str]]]:
    """Records of as many fields as the first line; one that is short goes on in the next lines, as
    long as these are short too and all together make up one.
    """
    waiting: list[Line] = []
    width = 0
    for line in lines:
        count = line.text.count(UNQUOTED) + 1
        width = width or count
        if count >= width or (not waiting and not line.text.strip()):
            yield from _each_alone(waiting, UNQUOTED)
            yield [line], split(line.text, UNQUOTED)
            waiting = []
            continue
        waiting.append(line)
        cells = split("".join(part.text for part in waiting), UNQUOTED)
        if len(cells) == width:
            yield waiting, cells
            waiting = []
        elif len(cells) > width or len(waiting) == _SPAN_LIMIT:
            yield from _each_alone(waiting, UNQUOTED)
            waiting = []
    yield from _each_alone(waiting, UNQUOTED)


def _spanning_records(
    lines: Iterable[Line], delimiter: str
) -> Iterator[tuple[list[Line], list[str]]]:
    """Records with the physical lines they span: a quote that opens a field runs on until it
    closes, at most 20 lines; one that does not close by then, or that would swallow whole records,
    was an ordinary character.
    """
    waiting: list[Line] = []
    width = 0
    for line in lines:
        if not waiting and '"' not in line.text:
            cells = line.text.split(delimiter)
            width = len(cells)
            yield [line], cells
            continue
        waiting.append(line)
        text = "\n".join(part.text for part in waiting) if len(waiting) > 1 else line.text
        if '"' in text and _ends_inside_quotes(text, delimiter):
            if len(waiting) == _SPAN_LIMIT:
                yield from _each_alone(waiting, delimiter)
                waiting = []
            continue
        if len(waiting) > 1 and _are_records(waiting, delimiter, width):
            yield from _each_alone(waiting, delimiter)
        else:
            yield waiting, split(text, delimiter)
        waiting = []
    yield from _each_alone(waiting, delimiter)


def aligned_records(lines: Iterable[Line], titles: str) -> Iterator[tuple[list[Line], list[str]]]:
    """Records whose cells stand under the start of their titles, the first line that matches
    ``titles``; a line above it is one cell.
    """
    starts: list[int] = []
    for line in lines:
        if not starts and patterns.search(titles, line.text):
            starts = [found.start() for found in re.finditer(r"\S+", line.text)]
        if starts:
            ends = [*starts[1:], None]
            yield (
                [line],
                [line.text[start:end].strip() for start, end in zip(starts, ends, strict=True)],
            )
        else:
            yield [line], [line.text]


def _each_alone(lines: list[Line], delimiter: str) -> Iterator[tuple[list[Line], list[str]]]:
    for line in lines:
        yield [line], split(line.text, delimiter)


def _are_records(lines: list[Line], delimiter: str, width: int) -> bool:
    """Whether lines between two quotes are records by themselves: each has the fields of the record
    above. A lone quote (inches, a slip) began one of them and another ends one.
    """
    return width > 1 and all(len(line.text.split(delimiter)) == width for line in lines)


def _ends_inside_quotes(text: str, delimiter: str) -> bool:
    place = 0
    while place <= len(text):
        if text.startswith('"', place):
            closing = _closing_quote(text, place, delimiter)
            if closing < 0:
                return True
            place = closing + 2
        else:
            end = text.find(delimiter, place)
            if end < 0:
                return False
            place = end + 1
    return False


def _closing_quote(text: str, opening: int, delimiter: str) -> int:
    """Where the quoted field that opens at ``opening`` closes: a quote before a delimiter or the
    end; −1 if nowhere.
    """
    place = text.find('"', opening + 1)
    while place >= 0:
        if text.startswith('""', place):
            place = text.find('"', place + 2)
            continue
        if place + 1 == len(text) or text.startswith(delimiter, place + 1):
            return place
        place = text.find('"', place + 1)
    return -1
