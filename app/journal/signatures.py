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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

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


def begin_anew(connection: sa.Connection) -> None:
    """Let the next signature follow the last one that is there, whatever was lost."""
    table = schema.signature
    last = connection.execute(sa.select(sa.func.max(table.c.sequence))).scalar() or 0
    connection.execute(schema.chain.update().values(signed=last))


@dataclass
class Keys:
    """What the chain says of keys: which are registered by whom and since when; and which events
    settle, by whom, that signatures before them are missing (if they are signed themselves).
    """

    registered: dict[str, tuple[str, int]]
    settlements: dict[int, str] = field(default_factory=dict)

    def take(self, sequence: int, kind: str, actor: str, data: Mapping[str, object]) -> None:
        if kind == REGISTERED:
            self.registered.setdefault(str(data.get("public")), (actor, sequence))
        elif kind == SETTLED and data.get("what") == "signatures":
            self.settlements[sequence] = str(data.get("reason", ""))


class _Signed(NamedTuple):
    sequence: int
    key: str
    actor: str
    is_genuine: bool


def problems(connection: sa.Connection, keys: Keys, signer: Signer | None) -> Iterator[str]:
    """What is wrong with the signatures, each in the current language. Events written before the
    first key was registered, by an earlier release, are not asked for any.
    """
    found = list(_signatures(connection, keys))
    settled = _settled_until(found, keys, signer)
    if signer is not None:
        yield from _foreign_keys(keys, signer, settled)
    for one in found:
        if not one.is_genuine and one.sequence > settled:
            text = QT_TRANSLATE_NOOP("verify", "the signature of event {sequence} is not genuine")
            yield translate("verify", text).format(sequence=one.sequence)
    for sequence in keys.settlements:
        if sequence > settled:
            text = QT_TRANSLATE_NOOP(
                "verify", "event {sequence} settles signatures, but is not signed itself"
            )
            yield translate("verify", text).format(sequence=sequence)
    table = schema.chain
    head = connection.execute(sa.select(table.c.sequence, table.c.signed)).first()
    last, signed = (head.sequence, head.signed) if head else (0, 0)
    newest = found[-1].sequence if found else 0
    if keys.registered and (max(newest, settled) < last or newest != signed):
        text = QT_TRANSLATE_NOOP("verify", "events {first} to {last} are not signed")
        yield translate("verify", text).format(first=newest + 1, last=last)


def settlements(connection: sa.Connection, keys: Keys, signer: Signer | None) -> Iterator[str]:
    """What persons settled, to be said beside the proof."""
    settled = _settled_until(list(_signatures(connection, keys)), keys, signer)
    if settled:
        text = QT_TRANSLATE_NOOP(
            "verify", "Signatures up to event {sequence} are missing; that was settled: {reason}"
        )
        yield translate("verify", text).format(sequence=settled, reason=keys.settlements[settled])


def _signatures(connection: sa.Connection, keys: Keys) -> Iterator[_Signed]:
    event, table = schema.event, schema.signature
    query = (
        sa.select(table, event.c.hash, event.c.actor)
        .join(event, event.c.sequence == table.c.sequence, isouter=True)
        .order_by(table.c.sequence)
    )
    before = 0
    for row in connection.execute(query):
        known = keys.registered.get(row.key)
        is_genuine = (
            row.hash is not None
            and known is not None
            and known[0] == row.actor
            and known[1] <= row.sequence
            and _is_genuine(row.key, row.signature, _message(row.sequence, row.hash, before))
        )
        yield _Signed(row.sequence, row.key, row.actor or "", is_genuine)
        before = row.sequence


def _settled_until(found: Sequence[_Signed], keys: Keys, signer: Signer | None) -> int:
    """The last event a person settled everything before; only one that is signed itself counts, and
    in the name of this person on this machine only with its own key. A settlement begins a line of
    signatures anew, so the one before it need not be genuine.
    """
    genuine = {
        one.sequence
        for one in found
        if one.is_genuine
        and (signer is None or one.actor != signer.actor or one.key == signer.public)
    }
    return max(genuine.intersection(keys.settlements), default=0)


def _foreign_keys(keys: Keys, signer: Signer, settled: int) -> Iterator[str]:
    """Keys registered in the name of this person on this machine that are not its own."""
    for public, (actor, sequence) in keys.registered.items():
        if actor == signer.actor and public != signer.public and sequence > settled:
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
