"""A file opened for reading: its container, encoding, dialect, and which profile fits it and
why.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from importers.archives import only_member
from importers.content import LONGEST_LINE, Content
from importers.dbf import Table
from importers.dialect import Dialect, aligned_records, find_dialect, logical_records
from importers.encoding import Detection, declared_encoding, detect_content
from importers.lines import line_blocks, text_lines
from importers.oldsheets import html_rows, spreadsheetml_rows, sylk_rows
from importers.profile import (
    Profile,
    Score,
    load_profiles,
    rank_root,
    rank_rows,
    rank_text,
    starts_of,
)
from importers.records import Line
from importers.structure import LOOKED_AT, ColumnRole, Cut, Structure, infer, infer_rows
from importers.structure.wrapping import wrapped_records
from importers.tables import Cell, Container, Row, cell_text, root_name, sheet_rows, sniff
from importers.unreadable import Unreadable, stumbling
from importers.wording import QT_TRANSLATE_NOOP, Message

if TYPE_CHECKING:
    from importers.layout import Layout

SAMPLE_LINES = 400
LONGEST_XML_LINE = 256 * 1024 * 1024
SOME_ROWS = 4000
STRUCTURE_LINES = 20_000
RECOGNISED_FROM = 0.45
SHEETS = (Container.XLSX, Container.XLS)
"""Workbooks: their rows are their lines."""
OLD_SHEETS = (Container.HTML, Container.SYLK, Container.SPREADSHEETML)
"""Text files that hold a sheet: rows are read from them, lines are the text's."""
READ = (Container.TEXT, Container.XML, Container.DBF, Container.TAR, *SHEETS, *OLD_SHEETS)


@dataclass(frozen=True, slots=True)
class Options:
    """What a person decided instead of the detection. Empty means: detect."""

    encoding: str = ""
    profile: str = ""
    period: str = ""
    """``yyyy-mm`` that every date must lie in; empty: the title block's period, or none."""
    decimal: str = ""
    """``.`` or ``,``: the decimal mark of a table's amounts."""
    dates: str = ""
    """``day-first`` or ``month-first``: how a table writes its dates."""
    sides: str = ""
    """``books`` or ``bank``: whose debit and credit (cargo and abono) a table's columns are, where
    their words do not say it by themselves.
    """
    source: str = ""
    """What tells this file's numbering from that of others of its system: a branch, a series."""
    own_tax_ids: tuple[str, ...] = ()
    """The company's own: they decide on which side a document stands."""


@dataclass
class Source:
    """The content of one file and all that was detected about it. Raises Unreadable while being
    made.
    """

    name: str
    content: Content
    options: Options = field(default_factory=Options)
    profiles: Mapping[str, Profile] = field(default_factory=load_profiles)
    zipped: bool = False
    unused_headings: list[str] = field(default_factory=list)
    """Headings no role of the layout takes; filled in while the file is read."""
    _proposing: bool = False
    known: Callable[[str], int] = field(default=lambda _: 0)
    """The batch a fiscal document (UUID, CUFE) was imported with before; 0 for a new one."""

    def __post_init__(self) -> None:
        with stumbling():
            self._open()

    def _open(self) -> None:
        self.container = sniff(self.content)
        if self.container is Container.ZIP:
            self.name, self.content = only_member(self.content.whole)
            self.container, self.zipped = sniff(self.content), True
        chosen = self.profiles.get(self.options.profile)
        if chosen and self.container.value not in chosen.containers and "text" in chosen.containers:
            self.container = (
                Container.TEXT if self.container in (Container.XML, *OLD_SHEETS) else self.container
            )
        if self.container not in READ:
            raise Unreadable("unsupported-container", kind=self.container.value)
        if self.container in (Container.TEXT, Container.DBF) and self.options.encoding:
            self._check_encoding(self.options.encoding)
        if self.container is Container.DBF:
            self.table = Table(self.content.whole, self.options.encoding)

    @classmethod
    def open(
        cls,
        path: Path,
        options: Options | None = None,
        profiles: Mapping[str, Profile] | None = None,
    ) -> Source:
        """Raises OSError when the file cannot be opened, Unreadable when there is nothing to read
        in it.
        """
        return cls(path.name, Content.open(path), options or Options(), profiles or load_profiles())

    @classmethod
    def of(
        cls,
        name: str,
        data: bytes,
        options: Options | None = None,
        profiles: Mapping[str, Profile] | None = None,
    ) -> Source:
        """The same of bytes in memory."""
        return cls(name, Content.of(data), options or Options(), profiles or load_profiles())

    @cached_property
    def detection(self) -> Detection | None:
        """The encoding of a text file; None for sheets, which carry their own."""
        if self.container in (*SHEETS, Container.TAR):
            return None
        if self.container is Container.DBF:
            return self.table.detection
        if self.options.encoding:
            chosen = QT_TRANSLATE_NOOP("evidence", "{encoding} was chosen by a person.")
            return Detection(
                self.options.encoding, 1.0, (Message(chosen, {"encoding": self.options.encoding}),)
            )
        xml = self.container in (Container.XML, Container.SPREADSHEETML)
        return declared_encoding(self.content.whole) if xml else detect_content(self.content)

    @cached_property
    def encoding(self) -> str:
        return self.detection.encoding if self.detection else ""

    @cached_property
    def ranking(self) -> list[Score]:
        """Every profile with its score, best first."""
        if self.container is Container.XML:
            return rank_root(root_name(self.content.head), self.profiles.values())
        if self.container is Container.TAR:
            return [Score(profile, 1.0) for profile in self._made_for(Container.TAR)]
        if self.container in SHEETS and len(self.sheets) > 1:
            return max((view.ranking for view in self.views), key=_best_of)
        rows = [row.cells for row in self._sample_rows]
        if self.container is Container.DBF:
            return rank_rows(rows, self._made_for(Container.DBF))
        if self.container in (*SHEETS, *OLD_SHEETS):
            return rank_rows(rows, self._made_for(Container.XLSX, Container.XLS))
        lines = [line.text for line in self._sample_lines]
        fixed = rank_text(lines, self.profiles.values())
        of_text = self._made_for(Container.TEXT)
        delimited = rank_rows(rows, [one for one in of_text if not starts_of(one.table)])
        in_columns = [
            score
            for one in of_text
            if (starts := starts_of(one.table))
            for score in rank_rows([Cut.at(starts).cells(line) for line in lines], [one])
        ]
        return sorted([*fixed, *delimited, *in_columns], key=lambda score: score.rank)

    def _made_for(self, *containers: Container) -> list[Profile]:
        """The profiles of files of some kind."""
        return [one for one in self.profiles.values() if one.containers & set(containers)]

    @cached_property
    def sheets(self) -> list[str]:
        """The visible sheets of a workbook that hold anything, in their order."""
        if self.container not in SHEETS:
            return []
        return list(dict.fromkeys(row.sheet for row in self._sheet_rows if not row.is_blank))

    @cached_property
    def views(self) -> list[Source]:
        """A workbook as one source a sheet; each has a heading and a layout of its own."""
        return [self._of_sheet(name) for name in self.sheets]

    def _of_sheet(self, name: str) -> Source:
        view = copy.copy(self)
        for known in (
            "ranking",
            "profile",
            "proposal",
            "structure",
            "_sample_rows",
            "sheets",
            "views",
        ):
            view.__dict__.pop(known, None)
        rows = [row for row in self._sheet_rows if row.sheet == name]
        view.__dict__ |= {"_sheet_rows": rows, "sheets": [name]}
        return view

    def place(self, line: int) -> tuple[str, int]:
        """Sheet and row a person finds a line under; of other files the line itself."""
        if self.container not in SHEETS or line < 1:
            return "", line
        rows = self._sheet_rows
        place = line - rows[0].number if rows else -1
        if not 0 <= place < len(rows):
            return "", line
        return rows[place].sheet, rows[place].sheet_row

    @cached_property
    def profile(self) -> Profile:
        """The chosen profile, or the one that fits best. Raises Unreadable when none is good
        enough.
        """
        if self.options.profile:
            if self.options.profile not in self.profiles:
                raise Unreadable("unknown-profile", seen=self.options.profile)
            return self.profiles[self.options.profile]
        with stumbling():
            best = self.ranking[0] if self.ranking and not self._proposing else None
        if best is None or best.score < RECOGNISED_FROM:
            if (layout := self.proposal) is not None:
                from importers.layout import to_profile

                return to_profile(layout)
            if best is None or best.score < 0.05:
                raise Unreadable("unknown-file")
            raise Unreadable(
                "unknown-layout", guess=best.profile.name, score=round(best.score * 100)
            )
        return best.profile

    @cached_property
    def proposal(self) -> Layout | None:
        """The layout a table no other fits proposes for itself (:func:`importers.layout.proposed`);
        None where it is a question, and where a layout is known or chosen.
        """
        from importers.layout import proposed

        of_tables = (Container.TEXT, *SHEETS, *OLD_SHEETS)
        best = 0.0 if self._proposing else _best_of(self.ranking)
        is_known = bool(self.options.profile) or best >= RECOGNISED_FROM
        if self._proposing or is_known or self.container not in of_tables or len(self.sheets) > 1:
            return None
        self._proposing = True
        try:
            return proposed(self)
        finally:
            self._proposing = False

    @cached_property
    def dialect(self) -> Dialect | None:
        """Delimiter and quote of a text table; None for sheets and running text."""
        if self.container is not Container.TEXT:
            return None
        return find_dialect(line.text for line in self._sample_lines)

    @cached_property
    def structure(self) -> Structure | None:
        """What a table nobody described says of itself, by its first lines (``STRUCTURE_LINES``);
        None where they are no table.
        """
        return self._structure_of(STRUCTURE_LINES)

    @property
    def columns(self) -> Sequence[ColumnRole]:
        """What the columns of a table seem to hold by its beginning, whatever layout reads it."""
        found = self.__dict__.get("structure") or self._structure_of(LOOKED_AT)
        return found.columns if found else ()

    def _structure_of(self, count: int) -> Structure | None:
        if self.container in (Container.XML, Container.TAR):
            return None
        if self.container is Container.TEXT:
            return infer([line.text for line in itertools.islice(self.lines(), count)])
        rows = list(itertools.islice(self.rows(), count))
        cells = [[cell_text(cell) for cell in row.cells] for row in rows]
        return infer_rows(cells, rows[0].number) if rows else None

    def lines(self) -> Iterator[Line]:
        return text_lines(self.content, self.encoding, self._longest_line)

    @property
    def _longest_line(self) -> int:
        """Bytes: an XML is often one line."""
        return LONGEST_XML_LINE if self.container is Container.XML else LONGEST_LINE

    def line_blocks(self) -> Iterator[list[Line]]:
        """The lines of a text, some thousands at a time."""
        return line_blocks(self.content, self.encoding)

    def rows(self) -> Iterator[Row]:
        """Rows of all sheets, or records of a delimited text numbered by their first physical line.
        Those of a table that is not whole end where it does; what is wrong with it is said by who
        reads its lines.
        """
        if self.container in SHEETS + OLD_SHEETS:
            yield from self._sheet_rows
        elif self.container is Container.DBF:
            with contextlib.suppress(Unreadable):
                for record in self.table.records():
                    yield record.row
        else:
            for lines, cells in self.records():
                yield Row(lines[0].number, tuple(cells))

    def cells(self) -> Iterator[list[tuple[int, Sequence[Cell]]]]:
        """Number and cells of every row, some thousands at a time, for a first look that keeps
        neither.
        """
        if (
            self.container is Container.TEXT
            and not self.content.holds(b'"')
            and not self.profile.table.keys() & {"aligned", "spans"}
        ):
            delimiter = (self.dialect or Dialect(",")).delimiter
            for lines in self.line_blocks():
                yield [(line.number, line.text.split(delimiter)) for line in lines]
            return
        rows = self.rows()
        while some := list(itertools.islice(rows, SOME_ROWS)):
            yield [(row.number, row.cells) for row in some]

    def records(self) -> Iterator[tuple[list[Line], list[str]]]:
        """Records of a table in text with the physical lines each spans: delimited, or standing
        under their titles where the layout says so (``aligned``, a pattern of the line of titles),
        or in fixed columns (``spans``, where each begins).
        """
        try:
            table = self.profile.table
        except Unreadable:
            table = {}
        if aligned := table.get("aligned"):
            return aligned_records(self.lines(), str(aligned))
        if starts := starts_of(table):
            return wrapped_records(self.lines(), Cut.at(starts))
        return self._delimited()

    def _delimited(self) -> Iterator[tuple[list[Line], list[str]]]:
        dialect = self.dialect or Dialect(",")
        return logical_records(self.lines(), dialect)

    @cached_property
    def _sheet_rows(self) -> list[Row]:
        if self.container in SHEETS:
            return list(sheet_rows(self.content.whole))
        text = "\n".join(line.text for line in self.lines())
        read = {
            Container.HTML: html_rows,
            Container.SYLK: sylk_rows,
            Container.SPREADSHEETML: spreadsheetml_rows,
        }
        return list(read[self.container](text))

    @cached_property
    def _sample_lines(self) -> list[Line]:
        return list(itertools.islice(self.lines(), SAMPLE_LINES))

    @cached_property
    def _sample_rows(self) -> list[Row]:
        if self.container is not Container.TEXT:
            return list(itertools.islice(self.rows(), SAMPLE_LINES))
        records = itertools.islice(self._delimited(), SAMPLE_LINES)
        return [Row(lines[0].number, tuple(cells)) for lines, cells in records]

    def _check_encoding(self, encoding: str) -> None:
        try:
            "".encode(encoding)
        except LookupError:
            raise Unreadable("not-decodable", seen=encoding) from None


def _best_of(ranking: Sequence[Score]) -> float:
    return ranking[0].score if ranking else 0.0
