"""Whoever rewrites the journal signs nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from keyring.backend import KeyringBackend

from app.company import settings
from app.journal import Journal, events, outside, schema, verification
from app.journal.signatures import Signer
from app.journal.store import who
from tests.app.conftest import Run
from tests.app.journal.test_anchors import remade, rewrite
from tests.conftest import SAMPLE


class Vault(KeyringBackend):
    """A secret store in memory."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[username] = password


@pytest.fixture
def vault() -> Iterator[Vault]:
    made = Vault()
    keyring.set_keyring(made)
    yield made


def said(journal: Journal) -> list[str]:
    return verification.verify(journal).problems


def write_some(journal: Journal) -> None:
    for number in range(4):
        events.record(journal, "test.made", f"subject:{number}")


def test_what_was_written_is_signed_and_verified(journal: Journal) -> None:
    write_some(journal)
    assert said(journal) == []
    with journal.reading() as connection:
        rows = connection.execute(schema.signature.select()).all()
    assert [row.sequence for row in rows] == [2, 3, 4, 5]


def test_a_signature_is_ed25519_as_another_program_reads_it(journal: Journal) -> None:
    """RFC 8032, with the public key the chain tells of, over the text the module documents."""
    write_some(journal)
    with journal.reading() as connection:
        row = connection.execute(
            schema.signature.select().where(schema.signature.c.sequence == 3)
        ).one()
        event = connection.execute(schema.event.select().where(schema.event.c.sequence == 3)).one()
    registered = events.of(journal, subject=f"key:{who()}")[0]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(registered.data["public"]))
    key.verify(bytes.fromhex(row.signature), f"cuadre journal\n3\n{event.hash}\n2".encode())


@pytest.mark.parametrize("changes", [{"actor": "nadie@nada"}, {}], ids=["another actor", "hashes"])
def test_hashes_made_anew_are_not_signed(journal: Journal, changes: dict[str, str]) -> None:
    write_some(journal)
    if changes:
        rewrite(journal, 3, **changes)
    else:
        remade(journal, lambda rows: rows[3].update(subject="subject:x"))
    found = verification.verify(journal)
    assert found.first_bad is None
    assert any("signature of event" in problem for problem in found.problems)


def test_events_written_past_the_program_at_the_end_are_not_signed(journal: Journal) -> None:
    write_some(journal)
    remade(journal, lambda rows: rows.append({**rows[-1], "subject": "inventado"}))
    assert any("6 to 6 are not signed" in problem for problem in said(journal))


def test_a_forger_with_a_key_of_his_own_is_seen_on_this_machine(journal: Journal) -> None:
    write_some(journal)
    secret = Ed25519PrivateKey.generate()
    forged = Signer(who(), secret.public_key().public_bytes_raw().hex(), secret)
    other = Journal(Path(str(journal.path)), signer=forged)
    events.record(other, "decision.accept", "invented")
    other.close()
    assert any("in the name of" in problem for problem in said(journal))


def test_a_key_of_another_person_does_not_sign_for_this_one(journal: Journal) -> None:
    write_some(journal)
    secret = Ed25519PrivateKey.generate()
    someone = Signer("otra@pc", secret.public_key().public_bytes_raw().hex(), secret)
    other = Journal(Path(str(journal.path)), signer=someone)
    events.record(other, "decision.accept", "invented")
    other.close()
    assert any("in the name of" in problem for problem in said(journal))


def test_a_signature_taken_out_of_the_middle_is_missed(journal: Journal) -> None:
    write_some(journal)
    with contextlib.closing(sqlite3.connect(str(journal.path))) as plain, plain:
        plain.execute("DELETE FROM signature WHERE sequence = 3")
    assert any("signature of event 4" in problem for problem in said(journal))


def test_the_key_lies_in_the_store_where_there_is_one(
    vault: Vault, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(outside.STATE_VARIABLE)
    monkeypatch.setattr(outside, "file_of", lambda name: tmp_path / name.replace(":", "-"))
    journal = settings.open_journal(home)
    write_some(journal)
    assert said(journal) == []
    names = [name for name in vault.kept if name.startswith("signing-key:")]
    assert len(names) == 1 and len(bytes.fromhex(vault.kept[names[0]])) == 32
    assert journal.signer is not None and journal.signer.fresh_file is None
    again = settings.open_journal(home)
    assert again.signer is not None and again.signer.public == journal.signer.public
    assert journal.path is not None
    assert vault.kept[names[0]].encode() not in journal.path.read_bytes()


def test_without_a_store_it_lies_in_a_file_of_ones_own_which_is_said_once(
    run: Run, home: Path
) -> None:
    first = run("import", SAMPLE)[1]
    assert "the key that signs the journal lies in" in first
    file = next(outside.file_of("x").parent.glob("signing-key*"))
    assert file.stat().st_mode & 0o077 == 0
    assert not file.is_relative_to(home)
    assert "the key that signs" not in run("status")[1]


def test_a_journal_of_an_earlier_release_is_signed_from_now_on(home: Path) -> None:
    unsigned = Journal(home / "journal.db", home)
    write_some(unsigned)
    unsigned.close()
    journal = settings.open_journal(home)
    assert said(journal) == []
    write_some(journal)
    assert said(journal) == []
    rewrite(journal, 2, actor="nadie@nada")
    assert any("not genuine" in problem for problem in said(journal))
