"""Customers and suppliers of a listing on their way to a target, and who owns which of their
fields.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.company import field_owners, settings
from app.company.field_owners import Direction, NotAMap, Owner, Rule
from app.journal import verification
from connectors import Contact
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.transport import Timeouts, Transport
from tests.app.conftest import Run

LISTING = (
    "EMPRESA DEMO SAS;;;;\nListado de Terceros con Direcciones;;;;\n;;;;\n"
    "Nombre;Identificación;Dirección;Teléfonos;Ciudad\n"
    "CLIENTE ÑUÑO SAS;NIT  901049056 2;CL 1 # 2-3;6050000000;Bogotá D.C.\n"
    "PEREZ PEREZ MARIA;CC  52698088;no informada;0;Medellín\n"
)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxServer]:
    store = SandboxStore(tmp_path / "erp.db", "CO")
    server = SandboxServer(store).start()
    yield server
    server.stop()
    store.close()


@pytest.fixture
def target(sandbox: SandboxServer) -> Iterator[SandboxConnector]:
    connector = SandboxConnector(
        Transport(sandbox.url, Timeouts(2, 5)), sandbox.user, sandbox.password
    )
    yield connector
    connector.close()


@pytest.fixture
def connected(run: Run, sandbox: SandboxServer, tmp_path: Path) -> Path:
    """A home with a connection ``sb`` and the imported listing."""
    path = tmp_path / "terceros.csv"
    path.write_bytes(LISTING.encode("cp1252"))
    assert run("import", path, "--company", "ACME")[0] == 0
    run(
        "connection",
        "add",
        "sb",
        "--system",
        "sandbox",
        "--url",
        sandbox.url,
        "--user",
        sandbox.user,
    )
    return path


def test_contacts_go_once_and_only_when_asked(
    run: Run, connected: Path, target: SandboxConnector, home: Path
) -> None:
    assert run("push", "--connection", "sb", "--json")[1]["confirmed"] == 0
    assert run("push", "--connection", "sb", "--contacts", "--json")[1]["confirmed"] == 2
    assert run("push", "--connection", "sb", "--contacts", "--json")[1]["already"] == 2
    held = {partner.tax_id: partner for partner in target.partners()}
    assert held["901049056-2"].fields["street"] == "CL 1 # 2-3"
    assert held["901049056-2"].reference == "ACME/world-office/contact/901049056"
    assert "street" not in held["52698088"].fields and "phone" not in held["52698088"].fields
    journal = settings.open_journal(home)
    assert verification.verify(journal).ok
    journal.close()


def test_one_whose_tax_id_the_target_has_is_not_sent(
    run: Run, connected: Path, sandbox: SandboxServer
) -> None:
    sandbox.store.add_partner("900", "Cliente Ñuño", "901.049.056")
    sent = run("push", "--connection", "sb", "--contacts", "--json")[1]
    assert (sent["confirmed"], sent["already"]) == (1, 1)


def test_a_field_the_target_owns_is_not_given_to_it(
    run: Run, connected: Path, target: SandboxConnector
) -> None:
    assert run("fields", "set", "street", "target", "--reason", "lo lleva ventas")[0] == 0
    assert run("fields", "set", "phone", "source", "none")[0] == 0
    run("push", "--connection", "sb", "--contacts")
    for partner in target.partners():
        assert not {"street", "phone"} & partner.fields.keys()
        assert partner.fields["name"]


def test_drift_names_the_side_that_does_not_own_the_field(
    run: Run, connected: Path, target: SandboxConnector, tmp_path: Path
) -> None:
    run("push", "--connection", "sb", "--contacts")
    status, found = run("fields", "drift", "--connection", "sb", "--json")
    assert (status, found) == (0, [])
    (partner,) = [partner for partner in target.partners() if partner.tax_id == "901049056-2"]
    target.create(
        Contact(partner.reference, partner.name, partner.tax_id, city="Cali", phone="6050000000")
    )
    newer = tmp_path / "terceros nuevos.csv"
    newer.write_bytes(LISTING.replace("CL 1 # 2-3", "CL 99").encode("cp1252"))
    run("import", newer)
    status, found = run("fields", "drift", "--connection", "sb", "--json")
    assert status == 1
    assert {(item["field"], item["moved"], item["ours"], item["theirs"]) for item in found} == {
        ("city", "in-target", "Bogotá D.C.", "Cali"),
        ("street", "newer", "CL 99", "CL 1 # 2-3"),
    }
    run("fields", "set", "city", "target")
    status, found = run("fields", "drift", "--connection", "sb", "--json")
    assert ("city", "in-source") in {(item["field"], item["moved"]) for item in found}
    status, text = run("fields", "drift", "--connection", "sb", lang="es")
    assert status == 1 and "Ciudad" in text and "Cali" in text


def test_a_lost_answer_leaves_one_contact(
    run: Run, connected: Path, sandbox: SandboxServer
) -> None:
    from connectors.sandbox import Faults

    sandbox.store.set_faults(Faults(lose_answer=1.0))
    run("push", "--connection", "sb", "--contacts", "--deadline", "1")
    sandbox.store.set_faults(Faults())
    assert (
        run("push", "--connection", "sb", "--contacts", "--deadline", "60", "--json")[1]["waiting"]
        == 0
    )
    assert len([row for row in sandbox.store.listing("partner")]) == 2


def test_a_conflict_of_a_contact_can_be_looked_at(run: Run, connected: Path) -> None:
    run("push", "--connection", "sb", "--contacts")
    reference = "ACME/world-office/contact/52698088"
    shown = run("queue", "show", "--connection", "sb", reference, "--json")[1]
    assert shown["ours"]["name"] == "PEREZ PEREZ MARIA"
    assert [record["differences"] for record in shown["theirs"]] == [[]]
    assert "PEREZ PEREZ MARIA" in run("queue", "show", "--connection", "sb", reference)[1]


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("field,owner,direction\nname,source,to-source\n", "direction", 2),
        ("field,owner,direction\nname,both\n", "owner", 2),
        ("name,source\nname,target\n", "twice", 2),
        ("apodo;source\n", "field", 1),
    ],
)
def test_a_map_with_a_conflict_is_not_kept(
    run: Run, home: Path, tmp_path: Path, text: str, why: str, line: int
) -> None:
    path = tmp_path / "campos.csv"
    path.write_text(text, "utf-8")
    status, said = run("fields", "import", path, lang="es")
    assert status == 2 and f"{line}" in said
    journal = settings.open_journal(home)
    with pytest.raises(NotAMap) as caught:
        field_owners.import_map(journal, path)
    assert (caught.value.why, caught.value.line) == (why, line)
    assert field_owners.load(journal).rules == field_owners.shipped().rules
    journal.close()


def test_the_map_goes_out_and_comes_back(run: Run, tmp_path: Path, home: Path) -> None:
    run("fields", "set", "email", "target", "none")
    for name in ("campos.csv", "campos.xlsx"):
        assert run("fields", "export", tmp_path / name, "--json")[1]["exported"] == 12
    with (tmp_path / "campos.csv").open(encoding="utf-8-sig") as file:
        rows = {row["field"]: row for row in csv.DictReader(file)}
    assert (rows["email"]["owner"], rows["email"]["direction"]) == ("target", "none")
    run("fields", "set", "email", "source")
    assert run("fields", "import", tmp_path / "campos.csv")[0] == 0
    journal = settings.open_journal(home)
    assert field_owners.load(journal).rules["email"] == Rule("email", Owner.TARGET, Direction.NONE)
    journal.close()


def test_every_field_has_one_owner_and_flows_away_from_it() -> None:
    for rule in field_owners.shipped().rules.values():
        assert rule.direction in field_owners.FLOWS[rule.owner]
    with pytest.raises(NotAMap):
        Rule("name", Owner.TARGET, Direction.TO_TARGET)
