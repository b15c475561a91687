"""XML files of the tax authorities, read as a stream: elements with the physical line they begin
on.

Entities are refused (no bombs, no external files). A line on which a record element begins is a
record, any other line of markup a heading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from importers.findings import Finding
from importers.records import Disposition, Line, Record, TitleBlock
from importers.source import Source
from importers.tables import release, xml_parser
from importers.unreadable import Unreadable

Item = Line | Finding | Record | TitleBlock


@dataclass(frozen=True, slots=True)
class Element:
    """The start (``starts``) or end of an element; ``name`` without namespace; ``text`` is what
    stood directly in it (ends only).
    """

    name: str
    attributes: Mapping[str, str]
    line: int
    starts: bool
    text: str = ""


def read(
    source: Source, records: frozenset[str], step: Callable[[Element], Iterator[Item]]
) -> Iterator[Item]:
    """Feed the file line by line; ``step`` turns elements into items, ``records`` names the
    elements that count.

    Raises Unreadable where the XML is broken.
    """
    stream = _Stream()
    last = 0
    for line in source.lines():
        last = stream.line = line.number
        stream.feed(f"{line.text}\n".encode())
        line.disposition, line.rule = Disposition.HEADING, "markup"
        found = next(
            (
                element.name
                for element in stream.waiting
                if element.starts and element.name in records
            ),
            "",
        )
        if found:
            line.disposition, line.rule = Disposition.RECORD, found[:24]
        elif not line.text.strip():
            line.rule = "blank"
        yield line
        for element in stream.take():
            yield from step(element)
    stream.line = last
    stream.feed(b"", final=True)


def elements(data: bytes, line: int) -> Iterator[Element]:
    """The elements of a whole document carried inside another, all said to stand on ``line``."""
    stream = _Stream()
    stream.line = line
    stream.feed(data, final=True)
    yield from stream.take()


class _Stream:
    """An expat parser that gathers elements until they are taken."""

    def __init__(self) -> None:
        self.line = 0
        self.waiting: list[Element] = []
        self._texts: list[list[str]] = []
        self._parser = xml_parser("utf-8")
        self._begun = False
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = lambda text: self._texts[-1].append(text)  # noqa: PLW0108 - the list changes

    def feed(self, data: bytes, final: bool = False) -> None:
        if not self._begun:
            data = data.lstrip()
            self._begun = bool(data)
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code]
            raise Unreadable("damaged-xml", line=self.line, reason=reason) from None
        except (LookupError, ValueError) as error:
            raise Unreadable("damaged-xml", line=self.line, reason=str(error)[:120]) from None
        if final:
            release(self._parser)

    def take(self) -> list[Element]:
        taken, self.waiting = self.waiting, []
        return taken

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._texts.append([])
        self.waiting.append(Element(name.rpartition("}")[2], attributes, self.line, True))

    def _end(self, name: str) -> None:
        text = "".join(self._texts.pop())
        self.waiting.append(Element(name.rpartition("}")[2], {}, self.line, False, text))
