"""Counterparts are chosen from the target's own lists, by code or by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.documents.maps import BY_BANK, NONE, Link, MapKind
from app.sending.choosing import NoCounterpart, NoSource, TargetNames
from connectors import Transport
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore


@pytest.fixture
def names(tmp_path: Path) -> Iterator[TargetNames]:
    store = SandboxStore(tmp_path / "erp.db")
    for code, name in (("A-1", "Caja chica norte"), ("A-2", "Caja chica norte")):
        store.add_account(code, name)
    store.add_partner("7", "Ferretería Núñez SA de CV", "FNU010101AB1")
    store.add_partner("8", "Suministros SAS", "900123456-8")
    store.add_partner("21", "Grupo Uno Norte", "GRU010101AB1")
    store.add_partner("22", "Grupo Uno Sur", "GRU010101AB1")
    store.add_partner("23", "Tienda Lupita", "XAXX010101000")
    store.add_partner("24", "***", "")
    store.add_dimension("N", "Sucursal Norte")
    server = SandboxServer(store).start()
    connector = SandboxConnector(Transport(server.url), "contador", "sandbox")
    yield TargetNames(connector)
    connector.close()
    server.stop()
    store.close()


@pytest.mark.parametrize(
    ("kind", "said", "code"),
    [
        (MapKind.ACCOUNT, "A-1", "A-1"),
        (MapKind.JOURNAL, "diario", "DIA"),
        (MapKind.PARTY, "FERRETERIA NUÑEZ S.A. DE C.V.", "7"),
        (MapKind.PARTY, "fnu-010101-ab1", "7"),
        (MapKind.PARTY, "900123456", "8"),
        (MapKind.PARTY, "900.123.456-8", "8"),
        (MapKind.PARTY, NONE, NONE),
        (MapKind.PARTY, "7 Ferretería Núñez SA de CV", "7"),
        (MapKind.ACCOUNT, "A-1 Caja chica norte", "A-1"),
        (MapKind.DIMENSION, "sucursal norte", "N"),
    ],
)
def test_a_name_becomes_the_targets_code(
    names: TargetNames, kind: MapKind, said: str, code: str
) -> None:
    assert names.resolved(Link(kind, "x", said)).target == code


def test_an_accounts_partner_is_chosen_by_name_too(names: TargetNames) -> None:
    link = names.resolved(Link(MapKind.ACCOUNT, "x", "A-1", "suministros sas"))
    assert (link.target, link.partner) == ("A-1", "8")


@pytest.mark.parametrize(
    ("kind", "said", "told"),
    [
        (MapKind.ACCOUNT, "caja chica norte", "A-1"),
        (MapKind.ACCOUNT, "Aeronaves", "“Aeronaves”"),
        (MapKind.PARTY, "Ferretería Muñoz", "7 Ferretería Núñez SA de CV"),
        (MapKind.DIMENSION, "Sur", "“Sur”"),
        (MapKind.ACCOUNT, NONE, "“-”"),
        (MapKind.JOURNAL, NONE, "“-”"),
        (MapKind.JOURNAL, BY_BANK, "“@bank”"),
        (MapKind.PARTY, "GRU010101AB1", "21 Grupo Uno Norte; 22 Grupo Uno Sur"),
        (MapKind.PARTY, "XAXX010101000", "“XAXX010101000”"),
        (MapKind.PARTY, "¿?", "“¿?”"),
    ],
)
def test_what_is_not_there_or_several_is_refused_with_what_may_be_meant(
    names: TargetNames, kind: MapKind, said: str, told: str
) -> None:
    with pytest.raises(NoCounterpart) as refused:
        names.resolved(Link(kind, "x", said))
    assert told in refused.value.told()


def test_a_link_is_of_something(names: TargetNames) -> None:
    with pytest.raises(NoSource):
        names.resolved(Link(MapKind.ACCOUNT, " ", "A-1"))
