"""Whose account is whose: suggestions with a reason, maps that travel by CSV and xlsx."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.intake.importing import import_file
from app.journal import Journal, verification
from app.sending import maps, proposals
from app.sending import push as pushing
from app.sending.choosing import TargetNames
from app.sending.maps import Link, MapKind, Maps, NotLinked
from connectors.sandbox import SandboxConnector, SandboxStore
from tests import polizas
from tests.conftest import DATA, SAMPLE


def test_what_is_missing_is_listed_once_with_its_uses(
    journal: Journal, connect: Callable[[], SandboxConnector]
) -> None:
    import_file(journal, SAMPLE)
    found = proposals.unmapped(journal, "sandbox", connect())
    assert [item.uses for item in found] == sorted((item.uses for item in found), reverse=True)
    assert {item.source: item.suggestion for item in found if item.kind is MapKind.JOURNAL} == {
        "1": "ING",
        "2": "EGR",
        "3": "DIA",
    }
    assert all(item.suggestion and item.is_sure for item in found)
    assert all(item.suggested_name for item in found)
    maps.accept_suggestions(journal, "sandbox", found)
    assert proposals.unmapped(journal, "sandbox", connect()) == []


@pytest.fixture
def target(
    store: SandboxStore, connect: Callable[[], SandboxConnector]
) -> Iterator[SandboxConnector]:
    store.add_partner("P-1", "ACME SA de CV", "AAA010101AAA")
    store.add_partner("7", "Escuela Kemper", "EKU9003173C9")
    yield connect()


@pytest.mark.parametrize("name", ["map.csv", "map.xlsx"])
def test_a_map_goes_out_and_comes_back_the_same(
    journal: Journal, tmp_path: Path, target: SandboxConnector, name: str
) -> None:
    links = [
        Link(MapKind.ACCOUNT, "00102", "102.01", "P-1"),
        Link(MapKind.JOURNAL, "3", "DIA"),
        Link(MapKind.PARTY, "EKU9003173C9", "7"),
    ]
    maps.save(journal, "one", links)
    names = TargetNames(target)
    assert maps.export_map(journal, "one", tmp_path / name, names) == 3
    assert maps.import_map(journal, "two", tmp_path / name, names) == (3, [])
    assert Maps.load(journal, "two").links == Maps.load(journal, "one").links


def test_a_map_goes_out_with_the_names_of_both_sides(
    journal: Journal, tmp_path: Path, target: SandboxConnector
) -> None:
    import_file(journal, DATA / "contpaqi" / "catalogo_cuentas_excel_synthetic.xlsx")
    maps.save(journal, "one", [Link(MapKind.ACCOUNT, "201010001", "201.01", "P-1")])
    path = tmp_path / "map.csv"
    maps.export_map(journal, "one", path, TargetNames(target))
    (_, row) = csv.reader(path.read_text("utf-8-sig").splitlines())
    assert row[:4] == ["account", "201010001", "201.01", "P-1"]
    assert row[4:] == ["PROVEEDOR MUÑOZ", "Proveedores nacionales", "ACME SA de CV"]


def test_counterparts_of_a_file_may_be_names(
    journal: Journal, tmp_path: Path, target: SandboxConnector
) -> None:
    path = tmp_path / "m.csv"
    path.write_text("kind,source,target,partner\njournal,3,diario,\nparty,X,acme sa de cv,\n")
    assert maps.import_map(journal, "one", path, TargetNames(target)) == (2, [])
    assert {link.target for link in Maps.load(journal, "one").links.values()} == {"DIA", "P-1"}


@pytest.mark.parametrize(
    "bad",
    [
        "nonsense,1,2,",
        "account,1,999.99,",
        "account,1,102.01,Nobody",
        "dimension,1,X,",
        "account,1,401.01,",
    ],
)
def test_a_bad_line_changes_nothing(
    journal: Journal, tmp_path: Path, target: SandboxConnector, bad: str
) -> None:
    path = tmp_path / "m.csv"
    path.write_text(f"kind,source,target,partner\naccount,1,102.01,\n{bad}\n")
    with pytest.raises(ValueError, match=r"m\.csv:3"):
        maps.import_map(journal, "one", path, TargetNames(target))
    assert Maps.load(journal, "one").links == {}


def test_a_counterpart_that_changes_names_what_was_sent_with_the_old_one(
    journal: Journal, tmp_path: Path, target: SandboxConnector
) -> None:
    path = tmp_path / "dos.txt"
    path.write_bytes(polizas.file(polizas.balanced(1), polizas.balanced(2)))
    import_file(journal, path)
    first = [
        Link(MapKind.ACCOUNT, "102010001", "102.01"),
        Link(MapKind.ACCOUNT, "401010001", "401.01"),
        Link(MapKind.JOURNAL, "3", "DIA"),
    ]
    assert maps.save(journal, "sandbox", first) == []
    assert maps.save(journal, "sandbox", [Link(MapKind.JOURNAL, "3", "EGR")]) == [], "none is sent"
    assert pushing.push(journal, "sandbox", target).confirmed == 2
    assert maps.save(journal, "sandbox", first[:2]) == [], "nothing changes"
    changed = maps.save(journal, "sandbox", [Link(MapKind.ACCOUNT, "401010001", "401.04")])
    assert [reference.rpartition("/")[2] for reference in changed] == ["1", "2"]


def test_several_of_ours_to_one_of_theirs_are_told_with_their_names(
    journal: Journal, target: SandboxConnector
) -> None:
    import_file(journal, DATA / "contpaqi" / "catalogo_cuentas_excel_synthetic.xlsx")
    links = [
        Link(MapKind.ACCOUNT, "201010001", "201.01"),
        Link(MapKind.ACCOUNT, "201000000", "201.01"),
        Link(MapKind.ACCOUNT, "201010002", "201.01", "P-1"),
        Link(MapKind.ACCOUNT, "102010001", "102.01"),
    ]
    maps.save(journal, "one", links)
    (found,) = maps.merged(journal, "one", TargetNames(target))
    assert (found.target, found.target_name) == ("201.01", "Proveedores nacionales")
    assert found.sources == [("201000000", "Proveedores"), ("201010001", "PROVEEDOR MUÑOZ")]


def test_a_file_saved_by_a_spanish_excel_is_read(
    journal: Journal, tmp_path: Path, store: SandboxStore, target: SandboxConnector
) -> None:
    store.add_partner("8", "Muñoz Hermanos", "")
    path = tmp_path / "m.csv"
    path.write_bytes("kind;source;target;partner\nparty;Peña;Muñoz Hermanos;\n".encode("cp1252"))
    assert maps.import_map(journal, "one", path, TargetNames(target)) == (1, [])
    assert Maps.load(journal, "one").links[(MapKind.PARTY, "Peña")].target == "8"


def test_a_link_is_taken_away_and_the_journal_vouches_for_it(
    journal: Journal, target: SandboxConnector
) -> None:
    maps.save(journal, "one", [Link(MapKind.JOURNAL, "3", "DIA")])
    assert maps.remove(journal, "one", MapKind.JOURNAL, "3") == []
    assert Maps.load(journal, "one").links == {}
    assert verification.verify(journal).ok
    with pytest.raises(NotLinked):
        maps.remove(journal, "one", MapKind.JOURNAL, "3")
    maps.save(journal, "one", [Link(MapKind.JOURNAL, "3", "EGR")])
    assert verification.verify(journal).ok


def test_a_tax_id_of_several_is_a_question_and_of_anybody_nothing(
    journal: Journal, tmp_path: Path, store: SandboxStore, target: SandboxConnector
) -> None:
    store.add_partner("71", "Kemper Norte", "EKU9003173C9")
    store.add_partner("9", "Tienda Lupita", "XAXX010101000")
    lists = proposals._Lists(target, {}, {})
    kemper = lists.suggest(MapKind.PARTY, "EKU9003173C9")
    assert kemper.code == "7" and not kemper.is_sure
    assert lists.suggest(MapKind.PARTY, "XAXX010101000").code == ""
    assert lists.suggest(MapKind.PARTY, "AAA010101AAA").is_sure
