"""The chain is signed: the last event of each transaction with an Ed25519 key (RFC 8032) of the
person and machine that wrote it.

The key lies outside of the journal (see :mod:`app.journal.outside`); its public half is registered
in the chain by the first transaction it signs. Whoever rewrites the journal can compute every hash
anew, but signs nothing. That the end of the journal was cut off no signature tells: only an anchor
kept elsewhere does.

A signature covers the number and the hash of an event, and which event was signed before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.journal import outside, schema
from app.translation import QT_TRANSLATE_NOOP, translate

REGISTERED = "key.registered"
SETTLED = "journal.settled"


@dataclass
class Signer:
    """The key of one person on one machine, for one journal. ``fresh_file`` is where it was just
    put, on a machine without a store.
    """

    actor: str
    public: str
    _key: Ed25519PrivateKey
    fresh_file: Path | None = None
    _is_known: bool = False
    _is_pending: bool = False

    def told(self) -> str:
        """What a person has to know of a key that was just put into a file; empty otherwise."""
        if self.fresh_file is None:
            return ""
        text = QT_TRANSLATE_NOOP(
            "verify",
            "This machine has no secret store: the key that signs the journal lies in {path},"
            " readable by you alone. Keep it with the backups.",
        )
        return translate("verify", text).format(path=self.fresh_file)

    @property
    def subject(self) -> str:
        return f"key:{self.actor}"

    def signature(self, sequence: int, event_hash: str, before: int) -> str:
        """In hexadecimal digits."""
        return self._key.sign(_message(sequence, event_hash, before)).hex()

    def knows(self, connection: sa.Connection) -> bool:
        """Whether the journal knows the key; where it does not, the caller registers it."""
        if not self._is_known:
            found = is_registered(connection, self)
            self._is_pending = True
            return found
        return True

    def committed(self, done: bool) -> None:
        """A transaction ended; what it registered is known from now on, or not at all."""
        self._is_known = self._is_known or (done and self._is_pending)
        self._is_pending = False


def own(actor: str) -> Signer | None:
    """The key of this person and machine, made when there is none; None where neither store nor
    file takes one.
    """
    name = "signing-key:" + hashlib.sha256(actor.encode()).hexdigest()[:16]
    fresh = None
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(outside.read(name)))
    except ValueError:
        key = Ed25519PrivateKey.generate()
        if not outside.keep(name, key.private_bytes_raw().hex()):
            return None
        path = outside.file_of(name)
        fresh = path if path.exists() else None
    return Signer(actor, key.public_key().public_bytes_raw().hex(), key, fresh)


def is_registered(connection: sa.Connection, signer: Signer) -> bool:
    event = schema.event
    query = sa.select(event.c.sequence).where(
        event.c.subject == signer.subject,
        event.c.kind == REGISTERED,
        event.c.data.contains(signer.public, autoescape=True),
    )
    return connection.execute(query.limit(1)).first() is not None


def sign(
    connection: sa.Connection, signer: Signer, sequence: int, event_hash: str, before: int
) -> None:
    """Sign the event a transaction ends with; ``before`` is the one signed last."""
    signature = signer.signature(sequence, event_hash, before)
    row = {"sequence": sequence, "key": signer.public, "signature": signature}
    connection.execute(schema.signature.insert(), row)


@dataclass
class Keys:
    """What the chain says of keys: which are registered by whom and since when, and up to which
    event a person settled that signatures are missing.
    """

    registered: dict[str, tuple[str, int]]
    settled: int = 0

    def take(self, sequence: int, kind: str, actor: str, data: Mapping[str, object]) -> None:
        if kind == REGISTERED:
            self.registered.setdefault(str(data.get("public")), (actor, sequence))
        elif kind == SETTLED and data.get("what") == "signatures":
            self.settled = sequence


def problems(connection: sa.Connection, keys: Keys, signer: Signer | None) -> Iterator[str]:
    """What is wrong with the signatures, each in the current language. Events written before the
    first key was registered, by an earlier release, are not asked for any.
    """
    if signer is not None:
        yield from _foreign_keys(keys, signer)
    event, table = schema.event, schema.signature
    query = (
        sa.select(table, event.c.hash, event.c.actor)
        .join(event, event.c.sequence == table.c.sequence, isouter=True)
        .order_by(table.c.sequence)
    )
    before = 0
    for row in connection.execute(query):
        known = keys.registered.get(row.key)
        fits = (
            row.hash is not None
            and known is not None
            and known[0] == row.actor
            and known[1] <= row.sequence
            and _is_genuine(row.key, row.signature, _message(row.sequence, row.hash, before))
        )
        if not fits and row.sequence > keys.settled:
            text = QT_TRANSLATE_NOOP("verify", "the signature of event {sequence} is not genuine")
            yield translate("verify", text).format(sequence=row.sequence)
        before = row.sequence
    last, signed = connection.execute(
        sa.select(schema.chain.c.sequence, schema.chain.c.signed)
    ).one_or_none() or (0, 0)
    if keys.registered and (max(before, keys.settled) < last or before != signed):
        text = QT_TRANSLATE_NOOP("verify", "events {first} to {last} are not signed")
        yield translate("verify", text).format(first=before + 1, last=last)


def _foreign_keys(keys: Keys, signer: Signer) -> Iterator[str]:
    """Keys registered in the name of this person on this machine that are not its own."""
    for public, (actor, sequence) in keys.registered.items():
        if actor == signer.actor and public != signer.public and sequence > keys.settled:
            text = QT_TRANSLATE_NOOP(
                "verify",
                "event {sequence} registers a key in the name of {actor} that is not the one of"
                " this machine",
            )
            yield translate("verify", text).format(sequence=sequence, actor=actor)


def _is_genuine(public: str, signature: str, message: bytes) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True


def _message(sequence: int, event_hash: str, before: int) -> bytes:
    return f"cuadre journal\n{sequence}\n{event_hash}\n{before}".encode()
