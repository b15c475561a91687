"""Physical lines of a text file with their bytes, each decoded in the file's encoding or, where it
is evidently in another one, repaired.

A file is decoded a block at a time; only a block that shows something implausible is looked at line
by line.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from importers.content import LONGEST_LINE, Content
from importers.encoding import (
    SINGLE_BYTE_PAGES,
    character_scores,
    context_codes,
    context_score,
    is_utf8,
    read_page,
)
from importers.records import Line

_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_C1_IN_UTF8 = re.compile(rb"\xc2[\x80-\x9f]")
_DECISIVE = 9.0
"""How much better one character must read in another page to move its line there alone."""


def text_lines(content: Content, encoding: str, longest: int = LONGEST_LINE) -> Iterator[Line]:
    """Every physical line of a text file, numbered from 1; the lengths add up to the file's size.
    Lines end in LF or CR LF, or in CR where the file hardly has an LF. Raises Unreadable on a line
    without end.
    """
    for lines in line_blocks(content, encoding, longest):
        yield from lines


def line_blocks(
    content: Content, encoding: str, longest: int = LONGEST_LINE
) -> Iterator[list[Line]]:
    """The same, some thousands of lines at a time."""
    newline = _newline(content, encoding)
    decoder = LineDecoder(encoding)
    number = 0
    for offset, block in content.blocks(newline, longest):
        lines = _lines(decoder, block, newline, number, offset)
        if number == 0 and lines:
            lines[0].text = lines[0].text.removeprefix("\ufeff")
        number += len(lines)
        yield lines


class LineDecoder:
    """Decodes blocks and lines of a file in its encoding.

    A line of a single-byte file that is valid multi-byte UTF-8 is read as UTF-8; one that is
    evidently in another single-byte page is read in that page, and said to be doubtful where the
    evidence is a single weak character. In a UTF-8 file, what is not valid UTF-8 is read in the
    page that makes it most plausible, the rest as it is.
    """

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self._utf8 = encoding in ("utf-8", "utf-8-sig")
        self._page = encoding if encoding in SINGLE_BYTE_PAGES else ""
        self._plausible: dict[int, bool] = {}
        codecs.lookup(encoding)

    def clean(self, block: bytes) -> str | None:
        """The text of a block in which nothing is doubtful; None where its lines must be looked at
        one by one.
        """
        if b"\0" in block:
            return None
        if block.isascii():
            return (
                block.decode("ascii")
                if self._utf8 or self._page or self.encoding == "ascii"
                else None
            )
        try:
            if self._utf8:
                text = block.decode("utf-8")
                return None if "\ufffd" in text or _C1_IN_UTF8.search(block) else text
            if self._page and self._all_plausible(block):
                return block.decode(self._page)
        except UnicodeDecodeError:
            pass
        return None

    def line(self, raw: bytes) -> tuple[str, str, str]:
        """Text of one line, the encoding it was read in when it is not the file's, and the
        characters that another encoding would read better without deciding it.
        """
        if not self._utf8 and not self._page:
            return raw.decode(self.encoding, "replace"), "", ""
        if raw.isascii():
            return raw.decode("ascii"), "", ""
        if self._utf8:
            return self._utf8_line(raw)
        own = read_page(raw, self._page)
        if is_utf8(raw):
            other = raw.decode("utf-8")
            if sum(character_scores(other)) > sum(character_scores(own)):
                return other, "utf-8", ""
        return self._single_byte_line(raw, own)

    def shown(self, raw: bytes) -> str:
        """The text of a line given with its end of line, as :func:`text_lines` reads it."""
        text = self.line(raw)[0]
        return text.removeprefix("\ufeff").removesuffix("\n").rstrip("\r\x1a")

    def _utf8_line(self, raw: bytes) -> tuple[str, str, str]:
        try:
            return raw.decode("utf-8"), "", ""
        except UnicodeDecodeError:
            readings = {page: _utf8_with(raw, page) for page in SINGLE_BYTE_PAGES}
            best = max(SINGLE_BYTE_PAGES, key=lambda page: sum(character_scores(readings[page])))
            return readings[best], best, ""

    def _single_byte_line(self, raw: bytes, own: str) -> tuple[str, str, str]:
        """A line is moved to another page only by two characters that contradict its own, or by one
        that reads decisively better there, and by none that reads worse; a single weak
        contradiction makes it doubtful.
        """
        scores = character_scores(own)
        if min(scores) >= 0:
            return own, "", ""
        doubt = ""
        for page in SINGLE_BYTE_PAGES:
            other = read_page(raw, page)
            others = character_scores(other)
            gains = [
                there - here for here, there in zip(scores, others, strict=True) if here < 0 < there
            ]
            if not gains or any(there < 0 for there in others):
                continue
            if len(gains) >= 2 or gains[0] >= _DECISIVE:
                return other, page, ""
            doubt = doubt or "".join(
                here for here, there in zip(own, other, strict=True) if here != there
            )
        return own, "", doubt

    def _all_plausible(self, block: bytes) -> bool:
        """Whether no character of the block contradicts the file's page and none begins a sequence
        of UTF-8.
        """
        known = self._plausible
        for code in context_codes(block):
            if code not in known:
                lead, follow = code >> 16 & 0xFF, code >> 8 & 0xFF
                multibyte = 0xC2 <= lead <= 0xF4 and 0x80 <= follow <= 0xBF
                known[code] = not multibyte and context_score(code, self._page) >= 0
            if not known[code]:
                return False
        return True


def _lines(
    decoder: LineDecoder, block: bytes, newline: bytes, number: int, offset: int
) -> list[Line]:
    width = len(newline)
    raws = block.split(newline) if width == 1 else _split_wide(block, newline)
    lengths = [len(raw) + width for raw in raws]
    terminated = not raws[-1]
    if terminated:
        raws.pop()
    else:
        lengths[-1] -= width
    offsets = accumulate(lengths, initial=offset)
    numbers = range(number + 1, number + len(raws) + 1)
    text = decoder.clean(block) if width == 1 else None
    if text is not None:
        texts = [part.rstrip("\r\x1a") for part in text.split(newline.decode("ascii"))]
        lines = list(map(Line, numbers, offsets, lengths, texts))
    else:
        lines = []
        for place, start, length, raw in zip(numbers, offsets, lengths, raws, strict=False):
            part, repaired, doubtful = decoder.line(raw)
            line = Line(place, start, length, part.rstrip("\r\x1a"), repaired=repaired)
            line.suspect, line.doubtful = True, doubtful
            lines.append(line)
    lines[-1].terminated = terminated
    return lines


def _newline(content: Content, encoding: str) -> bytes:
    if encoding.startswith(("utf-16", "utf-32")):
        order = "be" if encoding.endswith("be") else "le"
        return "\n".encode(f"{encoding[:6]}-{order}")
    returns, feeds = content.head.count(b"\r"), content.head.count(b"\n")
    if returns > 2 * feeds:
        return b"\r"
    return b"\n"


def _split_wide(block: bytes, newline: bytes) -> list[bytes]:
    """Split at newlines that stand at a place of their own; an empty last part says that the last
    line ended.
    """
    width, parts, start = len(newline), [], 0
    place = block.find(newline)
    while place >= 0:
        if place % width:
            place = block.find(newline, place + 1)
            continue
        parts.append(block[start:place])
        start = place + width
        place = block.find(newline, start)
    return [*parts, block[start:]]


def _utf8_with(raw: bytes, page: str) -> str:
    """Valid UTF-8 as such, every other byte in a single-byte page."""
    pieces: Sequence[str] = [
        piece.decode("utf-8") if is_utf8(piece) else read_page(piece, page)
        for piece in re.split(rb"((?:[\x00-\x7f]|" + _MULTIBYTE.pattern + rb")+)", raw)
    ]
    return "".join(pieces)
