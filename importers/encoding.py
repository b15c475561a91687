"""Bytes to text: which encoding a file is in, how sure that is, and what a person can check.

The order is: byte-order mark, shape of UTF-16, ASCII, strict UTF-8, and then a contest of the
single-byte pages that legacy systems in Spanish use (Windows-1252, CP850, CP437, CP858, MacRoman).
Each page reads every non-ASCII byte of the *whole* file with its neighbours, and is scored by how
plausible the result is as Spanish accounting text. The decisive clue is case: ``NéMERO`` cannot be
right, ``NÚMERO`` can. chardet is asked only where that leaves doubt; its own answers on upper-case
Spanish are unreliable.

Confidence is calibrated: at 0.9 and above accept, from 0.6 accept and say so, below ask a person.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from importers.content import Content
from importers.wording import QT_TRANSLATE_NOOP, Message

SINGLE_BYTE_PAGES = ("cp1252", "cp850", "cp437", "cp858", "mac_roman")
DOUBTFUL_BELOW = 0.6
LARGEST_WHOLE = 4 * 1024 * 1024
"""Up to this many bytes the whole file decides its encoding."""

_PRIOR = {"cp1252": 1.0, "cp850": 0.6, "cp437": 0.3, "cp858": 0.0, "mac_roman": -1.8}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WEIGHTS = {
    "ó": 6.0,
    "í": 5.2,
    "á": 5.0,
    "é": 4.9,
    "ñ": 4.8,
    "ú": 4.3,
    "ü": 2.6,
    "Ó": 5.9,
    "Í": 5.1,
    "Á": 4.9,
    "É": 4.8,
    "Ñ": 5.4,
    "Ú": 4.3,
    "Ü": 2.6,
    "º": 4.2,
    "ª": 3.4,
    "°": 3.8,
    "€": 3.0,
    "¿": 2.4,
    "¡": 2.2,
    "\u00a0": 1.6,
    "«": 1.4,
    "»": 1.4,
    "‘": 1.2,
    "’": 1.8,
    "“": 1.8,
    "”": 1.8,
    "–": 1.8,
    "—": 1.5,
    "…": 1.2,
    "•": 1.0,
    "®": 2.0,
    "©": 1.2,
    "™": 1.2,
    "´": 0.8,
    "·": 0.8,
    "½": 0.6,
    "¼": 0.6,
    "²": 0.4,
    "³": 0.4,
    "§": 0.4,
    "ç": 1.2,
    "Ç": 1.2,
    "à": 0.9,
    "è": 0.9,
    "ò": 0.7,
    "ë": 0.9,
    "Ë": 0.9,
    "ö": 0.9,
    "Ö": 0.9,
    "ä": 0.7,
    "ï": 0.6,
    "À": 0.6,
    "È": 0.6,
    "Ò": 0.4,
    "â": 0.3,
    "ê": 0.3,
    "ô": 0.3,
    "ã": 0.3,
    "õ": 0.2,
}


@dataclass(frozen=True, slots=True)
class Detection:
    """``encoding`` is a Python codec name, ``confidence`` between 0 and 1, ``evidence`` lines a
    person can check.
    """

    encoding: str
    confidence: float
    evidence: tuple[Message, ...] = field(default=())


def detect(data: bytes) -> Detection:
    """Decide the encoding of a whole file. Never raises: bytes that fit nothing come back with low
    confidence.
    """
    return (
        _by_mark(data)
        or _by_utf16_shape(data)
        or _by_ascii(data)
        or _by_utf8(data)
        or _by_contest(data)
    )


def declared_encoding(data: bytes) -> Detection:
    """The encoding an XML declares (UTF-8 when it is silent), as the standard says; a false one is
    detected anew.
    """
    marked = _by_mark(data)
    declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)", data)
    name = marked.encoding if marked else (declared[1].decode() if declared else "utf-8")
    try:
        name = codecs.lookup(name).name
        data.decode(name)
    except (LookupError, UnicodeDecodeError):
        return detect(data)
    text = QT_TRANSLATE_NOOP("evidence", "The XML declares {encoding}, and every byte fits.")
    return Detection(
        "utf-8-sig" if marked and name.startswith("utf-8") else name,
        1.0,
        (Message(text, {"encoding": name}),),
    )


def detect_content(content: Content) -> Detection:
    """The encoding of a file of any size: of the whole where it fits in memory, of its first lines
    with accents where it does not (every later line is checked as it is read).
    """
    if content.size <= LARGEST_WHOLE:
        return detect(content.whole)
    marked = _by_mark(content.head[:4]) or _by_utf16_shape(content.head)
    if marked:
        return marked
    kept, size = _accented_lines(content)
    found = detect(kept)
    if size < LARGEST_WHOLE:
        return found
    text = QT_TRANSLATE_NOOP(
        "evidence",
        "The file is large: its first {size} MB of lines with accents decided; the others are"
        " checked one by one.",
    )
    return Detection(
        found.encoding, found.confidence, (*found.evidence, Message(text, {"size": size >> 20}))
    )


def _accented_lines(content: Content) -> tuple[bytes, int]:
    """The lines that are not ASCII, each in its place (the others are left empty), up to a size;
    and that size.
    """
    kept: list[bytes] = []
    size = 0
    for _, block in content.blocks():
        if block.isascii():
            kept.append(b"\n" * block.count(b"\n"))
            continue
        lines = [b"" if line.isascii() else line for line in block.split(b"\n")]
        size += sum(map(len, lines))
        kept.append(b"\n".join(lines))
        if size >= LARGEST_WHOLE:
            break
    return b"".join(kept), size


def read_page(data: bytes, page: str) -> str:
    """Decode in a single-byte page where every byte means something (undefined ones become C1
    controls).
    """
    try:
        return data.decode(page)
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_table(page))


@cache
def _table(page: str) -> dict[int, str]:
    return {value: bytes([value]).decode(page, "ignore") or chr(value) for value in range(128, 256)}


def _by_mark(data: bytes) -> Detection | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark) and _decodes(data, encoding):
            text = QT_TRANSLATE_NOOP(
                "evidence", "The file begins with the byte-order mark of {encoding}."
            )
            return Detection(encoding, 1.0, (Message(text, {"encoding": encoding}),))
    return None


def _by_utf16_shape(data: bytes) -> Detection | None:
    if len(data) < 4 or b"\0" not in data:
        return None
    half = len(data) // 2
    zeros_odd, zeros_even = data[1::2].count(0) / half, data[0::2].count(0) / half
    for encoding, full, empty in (
        ("utf-16-le", zeros_odd, zeros_even),
        ("utf-16-be", zeros_even, zeros_odd),
    ):
        if full > 0.7 and empty < 0.02 and _decodes(data[: half * 2], encoding):
            text = QT_TRANSLATE_NOOP(
                "evidence", "Every second byte is zero in {share} % of the file: {encoding}."
            )
            return Detection(
                encoding, 0.97, (Message(text, {"share": round(full * 100), "encoding": encoding}),)
            )
    return None


def _by_ascii(data: bytes) -> Detection | None:
    if not data.isascii():
        return None
    text = QT_TRANSLATE_NOOP("evidence", "Every byte is plain ASCII; no accent can be wrong.")
    return Detection("ascii", 1.0, (Message(text),))


def _by_utf8(data: bytes) -> Detection | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_at_end = error.reason == "unexpected end of data" and error.start >= len(data) - 3
        if cut_at_end and not data[: error.start].isascii():
            text = QT_TRANSLATE_NOOP("evidence", "Valid UTF-8 up to a last character that is cut.")
            return Detection("utf-8", 0.95, (Message(text),))
        return _by_utf8_majority(data)
    return Detection(
        "utf-8", 0.99, (_utf8_evidence(len(re.findall(rb"[\xc2-\xf4][\x80-\xbf]+", data))),)
    )


def _by_utf8_majority(data: bytes) -> Detection | None:
    accented = [line for line in data.split(b"\n") if not line.isascii()]
    valid = sum(1 for line in accented if is_utf8(line))
    if valid * 2 <= len(accented):
        return None
    text = QT_TRANSLATE_NOOP(
        "evidence",
        "{valid} of {total} lines with accents are valid UTF-8; the others are read as cp1252.",
    )
    return Detection("utf-8", 0.85, (Message(text, {"valid": valid, "total": len(accented)}),))


def _by_contest(data: bytes) -> Detection:
    contexts = context_codes(data)
    scores: dict[str, float] = {}
    readings: dict[str, str] = {}
    present = bytes(sorted({code >> 16 & 0xFF for code in contexts}))
    for page in SINGLE_BYTE_PAGES:
        readings[page] = read_page(present, page)
        scores[page] = _PRIOR[page] + sum(
            context_score(code, page) * (1 + math.log(count)) for code, count in contexts.items()
        )
    ranked = sorted(SINGLE_BYTE_PAGES, key=lambda page: -scores[page])
    best = ranked[0]
    rival = next((page for page in ranked if readings[page] != readings[best]), None)
    weight = sum(1 + math.log(count) for count in contexts.values())
    confidence = _confidence(scores[best], scores[rival] if rival else -math.inf, weight)
    evidence = (_letters_evidence(data, best), *_rival_evidence(data, best, rival))
    if confidence < DOUBTFUL_BELOW:
        best, confidence, second = _second_opinion(data, best, confidence)
        evidence += second
    return Detection(best, round(confidence, 3), evidence)


def context_codes(data: bytes) -> dict[int, int]:
    """Every distinct byte above ASCII with two neighbours each side (blanks at the ends), as one
    number each → how often it occurs.
    """
    import numpy as np

    padded = np.frombuffer(b"\n\n" + data + b"\n\n", dtype=np.uint8)
    places = np.flatnonzero(padded >= 128)
    codes = np.zeros(len(places), dtype=np.int64)
    for shift in range(-2, 3):
        codes = codes << 8 | padded[places + shift]
    values, counts = np.unique(codes, return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def context_score(code: int, page: str) -> float:
    """Plausibility of the middle character of a context, read in a page."""
    return _context_score(read_page(code.to_bytes(5, "big"), page), 2)


def character_scores(text: str) -> list[float]:
    """Plausibility of each character outside ASCII, in their order; a character of ASCII counts
    nothing.
    """
    return [
        (
            _context_score(text[max(place - 2, 0) : place + 3], min(place, 2))
            if character > "\x7f"
            else 0.0
        )
        for place, character in enumerate(text)
    ]


def _confidence(best: float, rival: float, weight: float) -> float:
    margin = best - rival
    sure = 1.0 if margin > 60 else 1 / (1 + math.exp(-(margin - 2.5) / 1.8))
    return min(sure, 0.55) if best / weight < 2 else min(sure, 0.99)


def _second_opinion(
    data: bytes, page: str, confidence: float
) -> tuple[str, float, tuple[Message, ...]]:
    import chardet

    wanted = ["windows-1252", "cp850", "cp437", "cp858", "macroman"]
    answer = chardet.detect(
        data, include_encodings=wanted, prefer_superset=True, max_bytes=len(data)
    )
    name = answer.get("encoding")
    try:
        agreed = name is not None and read_page(data, codecs.lookup(name).name) == read_page(
            data, page
        )
    except LookupError:
        agreed = False
    if agreed:
        text = QT_TRANSLATE_NOOP("evidence", "A second detector (chardet) reads the same text.")
        return page, min(confidence + 0.15, 0.75), (Message(text),)
    text = QT_TRANSLATE_NOOP(
        "evidence", "A second detector (chardet) disagrees: {encoding}. Check the accents."
    )
    return page, confidence, (Message(text, {"encoding": name or "?"}),)


def _context_score(text: str, place: int) -> float:
    """Plausibility of the character at ``place`` with up to two neighbours each side."""
    character = text[place]
    before, after = (
        text[place - 1] if place else "",
        text[place + 1] if place + 1 < len(text) else "",
    )
    score = _character_weight(character)
    letters_around = before.isalpha() and after.isalpha()
    if character.isalpha() and character not in "ºª":
        score += _letter_context(character, text, place, before, after)
    elif letters_around and character not in "’´\u00a0·°ºª–":
        score -= 7
    elif character in "ºª°" and (before.isdigit() or before in ("N", "n", ".") or after.isdigit()):
        score += 0.5
    if character == before == after:
        score += 2 if "─" <= character <= "▟" else -6
    return score


def _letter_context(character: str, text: str, place: int, before: str, after: str) -> float:
    around = text[max(place - 2, 0) : place] + text[place + 1 : place + 3]
    near = [c for c in around if c.isalpha() and c.isascii()]
    score = _case_score(character, before, after, near)
    if character in "ñÑ" and after.isalpha() and after.isascii() and after not in "aeiouAEIOU":
        score -= 3
    if not before.isalpha() and not after.isalpha():
        score -= 3.5
    if before.isdigit() or after.isdigit():
        score -= 3
    return score


def _case_score(character: str, before: str, after: str, near: list[str]) -> float:
    """What the case of a letter among the plain letters ``near`` it says: words do not change it
    in their middle.
    """
    if character.islower():
        return -7.0 if _stands_among_capitals(before, after, near) else 0.0
    if not character.isupper():
        return 0.0
    if before.isascii() and before.islower():
        return -7.0
    follows_small = after.isascii() and not after.isupper()
    return -4.0 if follows_small and len(near) > 1 and before.isalpha() else 0.0


def _stands_among_capitals(before: str, after: str, near: list[str]) -> bool:
    close = [c for c in (before, after) if c.isalpha() and c.isascii()]
    capitals = [c for c in close if c.isupper()]
    if len(capitals) == 2:
        return True
    return bool(close) and capitals == close and sum(map(str.isupper, near)) >= 2


def _character_weight(character: str) -> float:
    known = _WEIGHTS.get(character)
    if known is not None:
        return known
    code = ord(character)
    if 0x80 <= code < 0xA0:
        return -9.0
    if 0x2500 <= code <= 0x259F:
        return 0.3
    if 0x370 <= code < 0x400 or 0x2200 <= code < 0x2300 or character in "ƒ∂◊ﬁﬂıˆ˜¯˘˙˚¸˝˛ˇ":
        return -5.0
    return -0.5 if character.isalpha() else -1.5


def _letters_evidence(data: bytes, page: str) -> Message:
    counts = Counter(read_page(data.translate(None, bytes(range(128))), page))
    shown = ", ".join(f"{count} {character}" for character, count in counts.most_common(8))
    text = QT_TRANSLATE_NOOP(
        "evidence", "Read as {encoding}, the {total} characters outside ASCII are: {letters}."
    )
    return Message(text, {"encoding": page, "total": sum(counts.values()), "letters": shown})


def _rival_evidence(data: bytes, best: str, rival: str | None) -> list[Message]:
    if rival is None:
        return []
    text = QT_TRANSLATE_NOOP(
        "evidence", "Line {line}: {reading} | as {rival} it would read: {other}"
    )
    found: list[Message] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.isascii():
            continue
        reading, other = read_page(line, best), read_page(line, rival)
        if reading != other:
            place = next(i for i, (a, b) in enumerate(zip(reading, other, strict=True)) if a != b)
            cut = slice(max(place - 15, 0), place + 20)
            values = {
                "line": number,
                "reading": reading[cut].strip(),
                "rival": rival,
                "other": other[cut].strip(),
            }
            found.append(Message(text, values))
            if len(found) == 3:
                break
    return found


def _utf8_evidence(sequences: int) -> Message:
    text = QT_TRANSLATE_NOOP(
        "evidence",
        "All {count} multi-byte sequences are valid UTF-8; by chance that does not happen.",
    )
    return Message(text, {"count": sequences})


def is_utf8(raw: bytes) -> bool:
    """Whether the bytes are valid UTF-8 as they stand."""
    return _decodes(raw, "utf-8")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
