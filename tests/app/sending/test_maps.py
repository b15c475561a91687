"""Whose account is whose: suggestions with a reason, maps that travel by CSV and xlsx."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.intake.importing import import_file
from app.journal import Journal
from app.sending import maps
from app.sending.maps import Link, MapKind, Maps
from connectors.sandbox import SandboxConnector
from tests.conftest import SAMPLE


def test_what_is_missing_is_listed_once_with_its_uses(
    journal: Journal, connect: Callable[[], SandboxConnector]
) -> None:
    import_file(journal, SAMPLE)
    found = maps.unmapped(journal, "sandbox", connect())
    assert [item.uses for item in found] == sorted((item.uses for item in found), reverse=True)
    assert {item.source: item.suggestion for item in found if item.kind is MapKind.JOURNAL} == {
        "1": "ING",
        "2": "EGR",
        "3": "DIA",
    }
    assert all(item.suggestion and item.is_sure for item in found)
    assert all(item.suggested_name for item in found)
    maps.accept_suggestions(journal, "sandbox", found)
    assert maps.unmapped(journal, "sandbox", connect()) == []


@pytest.mark.parametrize("name", ["map.csv", "map.xlsx"])
def test_a_map_goes_out_and_comes_back_the_same(
    journal: Journal, tmp_path: Path, name: str
) -> None:
    links = [
        Link(MapKind.ACCOUNT, "00102", "102.01", "P-1"),
        Link(MapKind.JOURNAL, "3", "DIA"),
        Link(MapKind.PARTY, "EKU9003173C9", "7"),
    ]
    maps.save(journal, "one", links)
    assert maps.export_map(journal, "one", tmp_path / name) == 3
    assert maps.import_map(journal, "two", tmp_path / name) == 3
    assert Maps.load(journal, "two").links == Maps.load(journal, "one").links


def test_a_bad_line_changes_nothing(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("kind,source,target,partner\naccount,1,2,\nnonsense,1,2,\n")
    with pytest.raises(ValueError, match=r"m\.csv:3"):
        maps.import_map(journal, "one", path)
    assert Maps.load(journal, "one").links == {}
