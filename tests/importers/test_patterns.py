"""A pattern somebody wrote must not hang whoever opens a file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from importers import Options, Source, Unreadable, inspect, patterns, read
from importers.profile import load_profiles
from tests import polizas

ENDLESS = "(?:a|aa)+c"
OWN = """
name = "lenta"
title = "Lenta"
source_system = "x"
reader = "contpaqi-polizas"
containers = ["text"]
fixed_width = true
[recognise]
required = '{pattern}'
line = '{pattern}'
[records."P"]
length = 10
[records."P".fields]
Fecha = [1, 8]
"""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)


def test_a_pattern_that_does_not_end_is_stopped(hurried: None) -> None:
    started = time.monotonic()
    with pytest.raises(Unreadable, match="slow-pattern"):
        patterns.match(ENDLESS, "a" * 90 + "!")
    assert time.monotonic() - started < 5


def test_a_slow_layout_does_not_keep_the_others_from_fitting(hurried: None, tmp_path: Path) -> None:
    (tmp_path / "lenta.toml").write_text(OWN.format(pattern=ENDLESS), encoding="utf-8")
    profiles = load_profiles([tmp_path])
    path = tmp_path / "polizas.txt"
    path.write_bytes(polizas.file(polizas.balanced()) + b"a" * 90 + b"!\r\n")
    assert inspect(path, profiles=profiles).profile == "contpaqi-polizas-txt"


@pytest.mark.parametrize("pattern", ["(", "[a", "*x"])
def test_what_is_no_pattern_is_told_when_it_is_written(pattern: str) -> None:
    with pytest.raises(patterns.NotAPattern):
        patterns.check(pattern)


def test_a_slow_pattern_of_a_table_refuses_the_file_in_words(hurried: None) -> None:
    text = "Fecha,Cuenta,Cargo,Abono\n01/03/2026,105,1.00,\n" + "a" * 90 + "!,,,\n"
    own = dict(load_profiles())
    table = {**own["ledger-table"].table, "total": ENDLESS}
    from dataclasses import replace

    own["ledger-table"] = replace(own["ledger-table"], table=table)
    try:
        items = list(read(Source.of("t.csv", text.encode(), Options(), own)))
    except Unreadable as refused:
        assert refused.code == "slow-pattern"
    else:
        assert items[-1].finding.code == "slow-pattern"  # type: ignore[union-attr]
