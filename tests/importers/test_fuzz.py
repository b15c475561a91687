"""Damaged on purpose: whatever happens to a sample, it is read or refused, and no line of it is
lost.

A few seconds in CI. By hand, as long as one likes::

    CUADRE_FUZZ_SECONDS=300 .venv/bin/python -m pytest tests/importers/test_fuzz.py
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import resources
from importers import Failure, Line, Source, Unreadable, read
from importers.source import SHEETS
from tests.conftest import DATA
from tests.importers.test_bank_tables import BBVA_XML, STATEMENTS
from tests.importers.test_comercial import dbf


def _is_export(path: Path) -> bool:
    """Whether test data is something a person might drop on the window."""
    return path.is_file() and path.parent.name != "hostile" and path.suffix != ".zst"


SAMPLES = {path.name: path.read_bytes() for path in sorted(DATA.rglob("*")) if _is_export(path)}
SAMPLES |= {
    path.name: path.read_bytes()[:60_000]
    for path in resources.path("samples").iterdir()
    if path.suffix == ".txt"
}
SAMPLES |= {name: text.encode("cp1252") for name, text in STATEMENTS.items()}
SAMPLES |= {"bbva.xls": BBVA_XML.encode(), "MGW10008.DBF": dbf()}
SECONDS = float(os.environ.get("CUADRE_FUZZ_SECONDS", "0"))
ROUNDS = 3
SLOWEST = 20.0
"""Seconds no damaged sample may take; the slowest whole one takes less than one."""

_TEXTS = (
    b'"',
    b"\0",
    b"\x1a",
    b"\r",
    b"\n",
    b"\t",
    b";",
    b",",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<",
    b"&",
    b"\xf1",
    b"9" * 400,
)


def flip(data: bytes, r: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(r.randint(1, 20)):
        changed[r.randrange(len(changed))] = r.randrange(256)
    return bytes(changed)


def insert(data: bytes, r: random.Random) -> bytes:
    place = r.randrange(len(data))
    return data[:place] + r.choice(_TEXTS) * r.randint(1, 3) + data[place:]


def cut(data: bytes, r: random.Random) -> bytes:
    return data[: r.randrange(1, max(len(data), 2))]


def drop(data: bytes, r: random.Random) -> bytes:
    start = r.randrange(len(data))
    return data[:start] + data[start + r.randint(1, 200) :]


def repeat(data: bytes, r: random.Random) -> bytes:
    start = r.randrange(len(data))
    return data[:start] + data[start : start + r.randint(1, 500)] * 2 + data[start:]


def swap_lines(data: bytes, r: random.Random) -> bytes:
    lines = data.split(b"\n")
    r.shuffle(lines)
    return b"\n".join(lines)


MUTATORS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip,
    insert,
    cut,
    drop,
    repeat,
    swap_lines,
)


def check(name: str, data: bytes) -> None:
    started = time.monotonic()
    try:
        source = Source.of(name, data)
        items = list(read(source))
    except Unreadable as refused:
        assert refused.code != "reader-failed", refused.parameters
        return
    lines = [item for item in items if isinstance(item, Line)]
    failed = bool(items) and isinstance(items[-1], Failure)
    if failed and isinstance(items[-1], Failure):
        assert items[-1].finding.code != "reader-failed", items[-1].finding.parameters
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    if not failed and source.container not in SHEETS:
        assert sum(line.length for line in lines) == source.content.size
    assert time.monotonic() - started < SLOWEST


@pytest.mark.parametrize("name", SAMPLES)
def test_a_damaged_sample_is_read_or_refused(name: str) -> None:
    r = random.Random(name)
    check(name, SAMPLES[name])
    for _ in range(ROUNDS):
        for mutate in MUTATORS:
            seed = r.randrange(2**32)
            try:
                check(name, mutate(SAMPLES[name], random.Random(seed)))
            except Exception as error:
                error.add_note(f"{name}: {mutate.__name__} with seed {seed}")
                raise


@pytest.mark.skipif(not SECONDS, reason="only by hand, with CUADRE_FUZZ_SECONDS")
def test_for_as_long_as_one_likes() -> None:
    end, done = time.monotonic() + SECONDS, 0
    seeds = random.Random()
    while time.monotonic() < end:
        name, mutate, seed = (
            seeds.choice(list(SAMPLES)),
            seeds.choice(MUTATORS),
            seeds.randrange(2**32),
        )
        data = mutate(SAMPLES[name], random.Random(seed))
        second = seeds.choice(MUTATORS)
        try:
            check(name, second(data, random.Random(seed)) if data else data)
        except Exception as error:
            error.add_note(f"{name}: {mutate.__name__}, {second.__name__} with seed {seed}")
            raise
        done += 1
    print(f"{done:,} damaged samples read or refused")


def test_the_samples_include_every_container() -> None:
    found = {Source.of(name, data).container.value for name, data in SAMPLES.items()}
    assert found >= {"text", "xlsx", "xml", "dbf", "spreadsheetml"}
    assert len(SAMPLES) > 40 and Path(DATA).is_dir()
