"""Contacts of a CRM and an ERP: each field by its owner, echoes by value, deletes never cross."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.company import connecting, settings
from app.company.settings import ConnectionSettings
from app.inbox import contacts, processing
from app.inbox.contacts import AlreadyPaired, Link, NoLink, Synced, owners, pairing
from app.inbox.contacts.fields import LOOP_WRITES
from app.inbox.contacts.owners import NotRestored, Side
from app.journal import Journal, events, inbox, pairs, verification
from app.journal.inbox import Door, Hint
from connectors import Contact, DocumentConnector
from connectors.documents import RemotePartner
from connectors.errors import Conflict, Rejected, Uncertain
from connectors.sandbox import SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import ServerClock
from tests.app.inbox.conftest import Clock
from tests.connectors.fakes import hubspot
from tests.connectors.test_webhooks import hinted, loaded


@dataclass
class Two:
    """HubSpot (a stand-in) and a sandbox ERP, linked."""

    journal: Journal
    crm_server: hubspot.FakeHubSpot
    erp_store: SandboxStore
    crm: DocumentConnector
    erp: DocumentConnector
    clock: Clock
    between: Link = Link("crm", "erp")  # noqa: RUF009 - frozen

    def sync(self, again: bool = False) -> Synced:
        return contacts.sync(self.journal, self.between, self.crm, self.erp, again)

    def in_crm(self, **fields: str) -> str:
        known = {"name": "Núñez SA", "tax_id": "EKU9003173C9", "email": "", "phone": ""} | fields
        reference = known.pop("reference", f"H-{len(self.crm_server.rows['contacts'])}")
        made = self.crm.create(Contact(reference=reference, **known))  # type: ignore[arg-type]
        return made.remote_id

    def in_erp(self, number: int = 1, **fields: str) -> str:
        known = {"name": "Núñez SA", "tax_id": "EKU9003173C9"} | fields
        reference = known.pop("reference", f"E-{number}")
        body = {"kind": "contact", "reference": reference, "fields": known}
        return str(self.erp_store.create_document(body)["number"])

    def crm_field(self, name: str) -> str:
        return str(self.crm_server.rows["contacts"][0]["properties"].get(name, ""))

    def set_crm(self, **fields: str) -> None:
        self.crm_server.rows["contacts"][0]["properties"].update(fields)

    def erp_field(self, name: str) -> str:
        return self.erp.partners()[0].fields.get(name, "")

    def paired(self) -> None:
        """Pair the two, and let the first agreement be made."""
        assert self.sync().paired == 1
        self.sync()


@pytest.fixture
def two(journal: Journal, sandbox: SandboxServer, clock: Clock, tmp_path: Path) -> Iterator[Two]:
    server = hubspot.FakeHubSpot()
    settings.add_connection(journal, ConnectionSettings("crm", "hubspot", server.url))
    kept = ConnectionSettings("erp", "sandbox", sandbox.url, user=DEFAULT_USER)
    settings.add_connection(journal, kept)
    contacts.link(journal, "crm", "erp")
    found = settings.find_connection(journal, "crm")
    crm = connecting.connect(found, hubspot.TOKEN, journal=journal)
    erp = connecting.connect(kept, DEFAULT_PASSWORD, journal=journal)
    yield Two(journal, server, sandbox.store, crm, erp, clock)
    crm.close()
    erp.close()
    server.stop()


def test_one_party_is_paired_by_its_tax_id_and_written_only_later(two: Two) -> None:
    two.in_crm(phone="55 1111 0101")
    two.in_erp(phone="")
    first = two.sync()
    assert (first.paired, first.written) == (1, [])
    second = two.sync()
    assert second.written == [("Núñez SA", "phone")]
    assert two.erp_field("phone") == "55 1111 0101"
    assert two.sync().written == []


@pytest.mark.parametrize(
    ("crm", "erp", "how"),
    [
        ({"reference": "R"}, {"reference": "R", "tax_id": ""}, "reference"),
        ({}, {"tax_id": "EKU-900317-3C9"}, "tax-id"),
        ({"tax_id": "", "email": "a@x.mx"}, {"tax_id": "", "email": "A@X.MX"}, "email"),
        ({"tax_id": "", "email": "a@x.mx"}, {"email": "a@x.mx"}, "email"),
        ({"tax_id": "ACM010101AB1", "email": "a@x.mx"}, {"email": "a@x.mx"}, ""),
        ({"tax_id": "XAXX010101000"}, {"tax_id": "XAXX010101000", "name": "Otra"}, ""),
        ({"tax_id": ""}, {"tax_id": ""}, ""),
    ],
    ids=["reference", "tax id", "e-mail", "e-mail, one id", "ids differ", "generic", "name"],
)
def test_what_makes_a_pair(two: Two, crm: dict[str, str], erp: dict[str, str], how: str) -> None:
    two.in_crm(**crm)
    two.in_erp(**erp)
    two.sync()
    assert [row.how for row in pairs.every(two.journal)] == ([how] if how else [])


def test_a_name_alone_and_several_candidates_are_questions(two: Two) -> None:
    two.in_crm(tax_id="")
    two.in_erp(tax_id="")
    assert [one.code for one in two.sync().questions] == ["name"]
    two.in_erp(2)
    two.in_erp(3)
    two.in_crm(reference="Z")
    assert "several" in [one.code for one in two.sync().questions]
    assert pairs.every(two.journal) == []


def test_a_person_says_which_are_one_and_which_are_two(two: Two) -> None:
    number = two.in_crm(tax_id="")
    two.in_erp(tax_id="")
    (asked,) = two.sync().questions
    assert (asked.values["left"], asked.values["right"]) == (number, "C00001")
    assert number in asked.text and "C00001" in asked.text
    contacts.join(two.journal, two.between, number, "C00001")
    assert two.sync().questions == []
    with pytest.raises(AlreadyPaired):
        contacts.join(two.journal, two.between, number, "C00002")
    contacts.keep_apart(two.journal, two.between, number, "C00001")
    assert pairs.every(two.journal) == []
    for _ in range(2):
        found = two.sync()
        assert (found.paired, found.questions) == (0, []), "said once, asked no more"
    with pytest.raises(NoLink):
        contacts.join(two.journal, Link("erp", "crm"), "1", "2")
    assert verification.verify(two.journal).problems == []


def test_an_id_of_one_system_is_not_that_of_the_other(two: Two) -> None:
    """Both count from the same number: a pair of one does not use up the other's."""
    one, other = ("Uno", "ACM010101AB1"), ("Dos", "EKU9003173C9")
    sides = {
        Side.CRM: {"1": RemotePartner("1", *one), "2": RemotePartner("2", *other)},
        Side.ERP: {"2": RemotePartner("2", *one), "1": RemotePartner("1", *other)},
    }
    pairing.pair_new(two.journal, two.between, [], sides, Synced())
    made = {(one.left_id, one.right_id) for one in pairs.every(two.journal)}
    assert made == {("1", "2"), ("2", "1")}


def test_an_accent_that_is_put_right_flows(two: Two) -> None:
    """What reads the same at first is left alone; what its owner spells better is a change."""
    two.in_crm(name="NUNEZ SA")
    two.in_erp(name="Nunez SA")
    two.paired()
    assert two.sync().written == []
    two.erp_store.change_contact("C00001", {"name": "Núñez SA"})
    assert two.sync().written == [("Núñez SA", "name")]
    assert two.crm_field("company") == "Núñez SA"
    assert two.sync().written == []


def test_the_owners_change_flows_and_the_other_sides_is_reported(two: Two) -> None:
    two.in_crm(phone="1")
    two.in_erp(phone="1", street="Reforma 1")
    two.paired()
    two.set_crm(phone="55 5555 0102")
    assert two.sync().written == [("Núñez SA", "phone")]
    assert two.erp_field("phone") == "55 5555 0102"
    two.erp_store.change_contact("C00001", {"phone": "99 9999 9999"})
    (asked,) = two.sync().questions
    assert (asked.code, asked.values["field"]) == ("drift", "phone")
    assert two.erp_field("phone") == "99 9999 9999"
    owners.change(two.journal, "phone", "crm", restores=True)
    assert two.sync().written == [("Núñez SA", "phone")]
    assert two.erp_field("phone") == "55 5555 0102"


def test_where_both_changed_the_owner_wins_and_both_values_are_kept(two: Two) -> None:
    two.in_crm(phone="1111111111")
    two.in_erp(phone="1111111111")
    two.paired()
    two.set_crm(phone="2222222222")
    two.erp_store.change_contact("C00001", {"phone": "3333333333"})
    assert two.sync().written == [("Núñez SA", "phone")]
    assert two.erp_field("phone") == "2222222222"
    (told,) = events.of(two.journal, area="pair", kinds=("contact.settled",))
    assert (told.data["value"], told.data["known"]) == ("2222222222", "3333333333")


def test_both_sides_fields_change_at_once_and_nothing_is_written_again(two: Two) -> None:
    """The ERP owns the street, the CRM the e-mail, which HubSpot lower-cases."""
    two.in_crm(email="ana@x.mx", street="")
    two.in_erp(email="ana@x.mx", street="Reforma 1")
    two.paired()
    two.set_crm(email="ANA.Nueva@X.mx".lower(), address="Otra 5")
    two.erp_store.change_contact("C00001", {"street": "Reforma 222", "email": "vieja@x.mx"})
    assert sorted(what for _, what in two.sync().written) == ["email", "street"]
    assert (two.crm_field("address"), two.erp_field("email")) == ("Reforma 222", "ana.nueva@x.mx")
    for _ in range(10):
        again = two.sync()
        assert (again.written, again.questions) == ([], [])


def test_a_target_that_stores_it_otherwise_is_an_echo_and_no_change(two: Two) -> None:
    """An ERP that owns the e-mail writes capitals; the CRM keeps it in lower case."""
    owners.change(two.journal, "email", "erp")
    two.in_crm(email="a@x.mx")
    two.in_erp(email="a@x.mx")
    two.paired()
    two.erp_store.change_contact("C00001", {"email": "VENTAS@X.MX"})
    assert two.sync().written == [("Núñez SA", "email")]
    assert two.crm_field("email") == "ventas@x.mx"
    for _ in range(10):
        again = two.sync()
        assert (again.written, again.questions) == ([], [])


def test_an_empty_value_of_the_owner_erases_nothing_at_first(two: Two) -> None:
    two.in_crm(phone="")
    two.in_erp(phone="55 1111 0101")
    two.paired()
    assert two.erp_field("phone") == "55 1111 0101"


def test_a_rule_that_undoes_ours_is_left_alone_after_three(two: Two) -> None:
    owners.change(two.journal, "phone", "crm", restores=True)
    two.in_crm(phone="1111111111")
    two.in_erp(phone="1111111111")
    two.paired()
    written = 0
    for _ in range(8):
        two.erp_store.change_contact("C00001", {"phone": "9999999999"})
        two.clock.forward(minutes=5)
        found = two.sync()
        written += len(found.written)
    assert written == LOOP_WRITES
    assert [one.code for one in found.questions] == ["loop"]
    assert contacts.asked(two.journal) == {"crm, erp": (1, 1)}
    two.clock.forward(hours=25)
    assert len(two.sync().written) == 1


def test_deletes_never_cross(two: Two) -> None:
    two.in_crm(phone="1")
    two.in_erp(phone="1")
    two.in_erp(2, tax_id="ACM010101AB1", name="Otra")
    two.paired()
    two.erp_store.delete("contact", "C00001")
    found = two.sync()
    assert (found.ended, [one.code for one in found.questions]) == (1, ["gone"])
    assert [one.code for one in two.sync().questions] == ["gone"], "until a person settles it"
    assert contacts.settle(two.journal, two.between, "se dio de baja") == 1
    assert two.sync().questions == []
    assert len(two.crm_server.rows["contacts"]) == 1
    assert pairs.every(two.journal) == []
    assert two.sync().paired == 0


def test_many_gone_at_once_are_a_lost_permission(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(12):
        tax_id = f"EKU9003{n + 10}3C9"
        two.in_crm(tax_id=tax_id, name=f"Cliente {n}")
        two.in_erp(n, tax_id=tax_id, name=f"Cliente {n}")
    assert two.sync().paired == 12
    monkeypatch.setattr(type(two.erp), "partners", lambda _: [])
    assert [one.code for one in two.sync().questions] == ["guard"]
    assert len(pairs.every(two.journal)) == 12


def test_a_merge_moves_the_pair_to_the_record_that_is_left(two: Two) -> None:
    first = two.in_crm(phone="1")
    two.in_erp(phone="1")
    two.paired()
    (row,) = two.crm_server.rows["contacts"]
    row["id"] = "777"
    merge = {**loaded("hubspot_merge_delete.json")[0], "objectId": int(first)}
    (notice,) = hinted("hubspot", [merge])
    said = {"merged": " ".join(notice.merged)}
    hint = Hint(notice.dedup, notice.kind, notice.record, notice.remote_id, headers=said)
    inbox.receive(two.journal, Door.WEBHOOK, "crm", [hint])
    found = two.sync()
    assert found.questions == []
    assert [(one.left_id, one.how) for one in pairs.every(two.journal)] == [("777", "merge")]


def test_a_person_who_is_forgotten_is_never_made_again(two: Two) -> None:
    number = two.in_crm(phone="1")
    two.in_erp(phone="1")
    two.paired()
    body = json.dumps({"email": "ana@x.mx"}).encode()
    inbox.receive(
        two.journal,
        Door.WEBHOOK,
        "crm",
        [Hint("p", "contact.privacyDeletion", "contact", number, body=body)],
    )
    two.crm_server.rows["contacts"].clear()
    assert two.sync().ended == 1
    assert [inbox.body_of(row) for row in inbox.rows(two.journal)] == [None]
    for _ in range(3):
        found = two.sync()
        assert (found.paired, found.written) == (0, [])
    assert two.crm_server.rows["contacts"] == []
    assert verification.verify(two.journal).problems == []


def test_a_value_that_is_refused_is_a_question(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.in_crm(phone="1111111111")
    two.in_erp(phone="1111111111")
    two.paired()
    two.set_crm(phone="2222222222")

    def refuse(*_: object) -> None:
        raise Rejected("too long")

    monkeypatch.setattr(type(two.erp), "change_contact", refuse)
    (asked,) = two.sync().questions
    assert (asked.code, "too long" in asked.text) == ("refused", True)


@pytest.mark.parametrize("is_first", [True, False], ids=["never agreed on", "agreed on before"])
def test_what_was_refused_is_not_sent_again_until_it_changes_or_somebody_says_so(
    two: Two, monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    two.in_crm(phone="1111111111")
    two.in_erp(phone="" if is_first else "1111111111")
    assert two.sync().paired == 1
    sent: list[dict[str, str]] = []
    change = type(two.erp).change_contact  # type: ignore[attr-defined]

    def refuse(_self: object, _number: str, fields: dict[str, str]) -> None:
        sent.append(fields)
        raise Rejected("no permission")

    monkeypatch.setattr(type(two.erp), "change_contact", refuse)
    if not is_first:
        two.sync()
        two.set_crm(phone="2222222222")
    for _ in range(5):
        (asked,) = two.sync().questions
        assert (asked.code, asked.values["words"]) == ("refused", "no permission")
        two.clock.forward(hours=30)
    assert len(sent) == 1
    two.set_crm(phone="3333333333")
    assert [one.code for one in two.sync().questions] == ["refused"]
    assert [one["phone"] for one in sent[1:]] == ["3333333333"]
    monkeypatch.setattr(type(two.erp), "change_contact", change)
    assert two.sync().written == [], "nobody said so"
    assert two.sync(again=True).written == [("Núñez SA", "phone")]
    assert two.erp_field("phone") == "3333333333"
    assert two.sync().questions == []


def test_a_question_names_fields_and_systems_as_people_do(two: Two) -> None:
    two.in_crm(phone="1111111111")
    two.in_erp(phone="1111111111")
    two.paired()
    two.erp_store.change_contact("C00001", {"phone": "9999999999"})
    (asked,) = two.sync().questions
    assert asked.text == (
        "“Núñez SA”: Phone is “9999999999” in erp, but “1111111111” in its owner crm"
    )


def test_each_writing_and_each_dispute_is_journaled(two: Two) -> None:
    two.in_crm(phone="1111111111")
    two.in_erp(phone="1111111111")
    two.paired()
    two.set_crm(phone="2222222222")
    two.erp_store.change_contact("C00001", {"phone": "3333333333"})
    assert two.sync().disputed == [("Núñez SA", "phone")]
    (told,) = events.of(two.journal, area="pair", kinds=("contact.written",))
    assert (told.data["what"], told.data["connection"]) == ("phone", "erp")


def test_the_other_sides_value_stays_known_though_the_answer_is_lost(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.in_crm(phone="1111111111")
    two.in_erp(phone="1111111111")
    two.paired()
    two.set_crm(phone="2222222222")
    two.erp_store.change_contact("C00001", {"phone": "3333333333"})
    change = type(two.erp).change_contact  # type: ignore[attr-defined]

    def lost(self: object, number: str, fields: dict[str, str]) -> None:
        change(self, number, fields)
        raise Uncertain("no answer")

    monkeypatch.setattr(type(two.erp), "change_contact", lost)
    two.sync()
    assert two.sync().written == [] and two.erp_field("phone") == "2222222222"
    (told,) = events.of(two.journal, area="pair", kinds=("contact.settled",))
    assert told.data["known"] == "3333333333"


def test_name_and_tax_id_are_never_put_back_by_themselves(two: Two) -> None:
    with pytest.raises(NotRestored):
        owners.change(two.journal, "tax_id", "erp", restores=True)
    two.in_crm()
    two.in_erp()
    two.paired()
    two.set_crm(company="Otro nombre")
    (asked,) = two.sync().questions
    assert (asked.code, asked.values["field"]) == ("drift", "name")


def test_a_batch_out_of_order_and_sent_again_ends_as_the_crm_says(two: Two) -> None:
    """Events for 0102 and 0101, in the wrong order, then resent: the phone is what is there now."""
    number = two.in_crm(phone="55 5555 0101")
    two.in_erp(phone="55 5555 0101")
    two.paired()
    batch = [{**one, "objectId": int(number)} for one in loaded("hubspot_batch_reordered.json")]
    two.set_crm(phone="+52 55 5555 0102")
    for attempt in range(3):
        again = [{**one, "attemptNumber": attempt} for one in reversed(batch)]
        hints = [
            Hint(one.dedup, one.kind, one.record, one.remote_id, one.occurred_at)
            for one in hinted("hubspot", again)
        ]
        inbox.receive(two.journal, Door.WEBHOOK, "crm", hints)
    assert len(inbox.rows(two.journal)) == 3
    kept = settings.find_connection(two.journal, "crm")
    done = processing.process(two.journal, kept, two.crm, ServerClock(0.0))
    assert (done.records, done.dead) == (1, 0)
    assert two.sync().written == [("Núñez SA", "phone")]
    assert two.erp_field("phone") == "+52 55 5555 0102"
    assert two.sync().written == []


def test_a_contact_that_is_refused_stops_no_other(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HubSpot says of one e-mail that it is another's; an answer of another gets lost."""
    tax_ids = [f"EKU9003{n}3C9" for n in range(17, 21)]
    for n, tax_id in enumerate(tax_ids):
        two.in_crm(tax_id=tax_id, name=f"Cliente {n}", phone="1")
        two.in_erp(n, tax_id=tax_id, name=f"Cliente {n}", phone="1")
    assert two.sync().paired == 4
    two.sync()
    for row in two.crm_server.rows["contacts"]:
        row["properties"]["phone"] = "5555555555"
    change = type(two.erp).change_contact  # type: ignore[attr-defined]

    def some(self: object, number: str, fields: dict[str, str]) -> object:
        if number == "C00001":
            raise Conflict("another's")
        if number == "C00002":
            change(self, number, fields)
            raise Uncertain("no answer")
        return change(self, number, fields)

    monkeypatch.setattr(type(two.erp), "change_contact", some)
    found = two.sync()
    assert [name for name, _ in found.written] == ["Cliente 2", "Cliente 3"]
    assert [one.code for one in found.questions] == ["refused"]
    for _ in range(6):
        found = two.sync()
        assert found.written == []
        assert [one.code for one in found.questions] == ["refused"]
    assert {one.fields["phone"] for one in two.erp.partners()} == {"1", "5555555555"}


def test_an_email_two_people_share_pairs_nobody(two: Two) -> None:
    two.in_crm(tax_id="", name="Ana López", email="ventas@x.mx")
    two.in_erp(1, tax_id="ACM010101AB1", name="Empresa Uno", email="ventas@x.mx")
    two.in_erp(2, tax_id="EKU9003173C9", name="Empresa Dos", email="ventas@x.mx")
    two.sync()
    assert pairs.every(two.journal) == []


def test_one_crm_has_pairs_in_two_erps(two: Two) -> None:
    two.in_crm()
    two.in_erp()
    two.paired()
    kept = settings.find_connection(two.journal, "erp")
    settings.add_connection(two.journal, replace(kept, name="otro"))
    second = contacts.link(two.journal, "crm", "otro")
    assert contacts.sync(two.journal, second, two.crm, two.erp).paired == 1
    assert len(pairs.every(two.journal)) == 2


def test_a_tax_id_is_never_overwritten_by_itself(two: Two) -> None:
    owners.change(two.journal, "tax_id", "crm")
    two.in_crm(reference="R", tax_id="ACM010101AB1")
    two.in_erp(reference="R", tax_id="EKU9003173C9")
    two.sync()
    (asked,) = two.sync().questions
    assert (asked.code, asked.values["field"]) == ("drift", "tax_id")
    assert two.erp_field("tax_id") == "EKU9003173C9"


def test_the_first_of_two_phone_numbers_counts_too(two: Two) -> None:
    two.in_crm(phone="5511110101 / 5522220202")
    two.in_erp(phone="5511110101 / 5522220202")
    two.paired()
    two.set_crm(phone="5533330303 / 5522220202")
    assert two.sync().written == [("Núñez SA", "phone")]
