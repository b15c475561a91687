"""XML files of the tax authorities, read as a stream: elements with the physical line they begin on.

Entities are refused (no bombs, no external files). A line on which a record element begins is a record, any other
line of markup a heading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from importers.findings import Finding
from importers.records import Disposition, Line, Record, TitleBlock
from importers.source import Source
from importers.tables import RawLine, Unreadable, xml_parser

Item = Line | Finding | Record | TitleBlock


@dataclass(frozen=True, slots=True)
class Element:
    """The start (``starts``) or end of an element; ``name`` without namespace."""

    name: str
    attributes: Mapping[str, str]
    line: int
    starts: bool


def read(source: Source, records: frozenset[str], step: Callable[[Element], Iterator[Item]]) -> Iterator[Item]:
    """Feed the file line by line; ``step`` turns elements into items, ``records`` names the elements that count.

    Raises Unreadable where the XML is broken.
    """
    elements: list[Element] = []
    parser = xml_parser()
    current: list[int] = [0]
    parser.StartElementHandler = lambda name, attributes: elements.append(
        Element(name.rpartition("}")[2], attributes, current[0], True)
    )
    parser.EndElementHandler = lambda name: elements.append(Element(name.rpartition("}")[2], {}, current[0], False))
    for raw in source.lines():
        current[0] = raw.number
        _feed(parser, source.data[raw.offset : raw.offset + raw.length], raw)
        line = Line(raw.number, raw.offset, raw.length, raw.text, Disposition.HEADING, "markup", repaired=raw.repaired)
        if any(element.starts and element.name in records for element in elements):
            line.disposition, line.rule = Disposition.RECORD, next(e.name for e in elements if e.name in records)[:24]
        elif not raw.text.strip():
            line.rule = "blank"
        yield line
        for element in elements:
            yield from step(element)
        elements.clear()
    _feed(parser, b"", RawLine(current[0], 0, 0, ""), final=True)


def _feed(parser: expat.XMLParserType, data: bytes, raw: RawLine, final: bool = False) -> None:
    try:
        parser.Parse(data, final)
    except expat.ExpatError as error:
        raise Unreadable("damaged-xml", line=raw.number, reason=expat.errors.messages[error.code]) from None
