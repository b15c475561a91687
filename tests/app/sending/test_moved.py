"""What Odoo moved out of a locked period is named and moved back."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.documents.maps import Link, MapKind
from app.intake.importing import import_file
from app.journal import Journal, verification
from app.journal.overrides import ReasonMissing
from app.sending import maps, moved
from app.sending import push as pushing
from app.sending.moved import CannotMove
from connectors import Transport
from connectors.odoo import OdooConnector
from connectors.sandbox import SandboxConnector
from tests import polizas
from tests.connectors.fake_odoo import DATABASE, KEY, USER, FakeOdoo


@pytest.fixture
def odoo() -> Iterator[FakeOdoo]:
    server = FakeOdoo()
    yield server
    server.stop()


@pytest.fixture
def connector(odoo: FakeOdoo) -> Iterator[OdooConnector]:
    transport = Transport(odoo.url, sleep=lambda _: None)
    made = OdooConnector(transport, DATABASE, USER, KEY, attach=True)
    yield made
    made.close()


@pytest.fixture
def shifted(journal: Journal, tmp_path: Path, odoo: FakeOdoo, connector: OdooConnector) -> Journal:
    """Two vouchers, locked out of their month while they were posted."""
    path = tmp_path / "dos.txt"
    path.write_bytes(polizas.file(polizas.balanced(1), polizas.balanced(2)))
    import_file(journal, path)
    links = [
        Link(MapKind.ACCOUNT, "102010001", "102.01.01"),
        Link(MapKind.ACCOUNT, "401010001", "401.01.01"),
        Link(MapKind.JOURNAL, "3", "MISC"),
    ]
    maps.save(journal, "odoo", links)

    def lock(call: str) -> str:
        if call == "account.move.action_post":
            odoo.company["fiscalyear_lock_date"] = "2026-01-31"
        return ""

    odoo.fail_next = [lock] * 40
    result = pushing.push(journal, "odoo", connector)
    odoo.fail_next = []
    assert len(result.changed) == 2 and not result.clean
    return journal


def test_they_go_back_to_their_own_day_once_it_is_open(
    shifted: Journal, odoo: FakeOdoo, connector: OdooConnector
) -> None:
    found = moved.moved(shifted, "odoo")
    assert {(str(one.sent), str(one.there)) for one in found} == {("2026-01-05", "2026-02-28")}
    done = moved.move_back(shifted, "odoo", connector, found, "reabierto")
    assert all(one.refused for one in done), "the month is still locked"
    assert len(moved.moved(shifted, "odoo")) == 2

    odoo.company["fiscalyear_lock_date"] = False
    done = moved.move_back(shifted, "odoo", connector, found, "reabierto")
    assert [one.refused for one in done] == [None, None]
    assert moved.moved(shifted, "odoo") == []
    assert {move["date"] for move in odoo.moves.values()} == {"2026-01-05"}
    assert verification.verify(shifted).ok


def test_one_deleted_in_the_target_is_said_and_the_rest_goes_back(
    shifted: Journal, odoo: FakeOdoo, connector: OdooConnector
) -> None:
    found = moved.moved(shifted, "odoo")
    odoo.company["fiscalyear_lock_date"] = False
    gone = int(found[0].remote_id)
    del odoo.moves[gone]
    odoo.lines = {key: line for key, line in odoo.lines.items() if line["move"] != gone}
    first, second = moved.move_back(shifted, "odoo", connector, found, "reabierto")
    assert first.refused is not None and "no longer in Odoo" in first.refused.words
    assert second.refused is None


def test_it_takes_a_reason_and_a_target_that_can(
    shifted: Journal, connector: OdooConnector, connect: Callable[[], SandboxConnector]
) -> None:
    found = moved.moved(shifted, "odoo")
    with pytest.raises(ReasonMissing):
        moved.move_back(shifted, "odoo", connector, found, " ")
    with pytest.raises(CannotMove):
        moved.move_back(shifted, "odoo", connect(), found, "x")


def test_the_voucher_as_it_stood_in_the_file_is_kept_beside_the_entry(
    shifted: Journal, odoo: FakeOdoo
) -> None:
    texts = [base64.b64decode(row["datas"]).decode() for row in odoo.attachments]
    assert len(texts) == 2
    head, file, first, second = texts[0].splitlines()
    assert head == "3 · 1 · 2026-01-05 · PRUEBA"
    assert file.startswith("dos.txt · L1–L3 · EMPRESA/contpaqi/3/2026-01/1")
    assert first.split("\t")[:6] == ["102010001", "", "100.50", "0.00", "F-1", "Concepto"]
    assert second.split("\t")[2:4] == ["0.00", "100.50"]
