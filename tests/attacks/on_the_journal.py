"""What ``verify`` passed, and what recovery called whole."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.journal import Journal, events, verification
from app.journal.events import canonical
from app.journal.signatures import Signer
from app.journal.store import who
from tests.app.journal.test_anchors import remade
from tests.attacks.stage import Attack, Stage
from tests.faults.processes import Child


def _filled(stage: Stage) -> Path:
    """A month sent, pulled and reconciled; answers an anchor kept elsewhere."""
    stage.connect()
    stage.send(stage.polizas("mes.txt"))
    stage.done("pull", "--connection", "sb", "--from", "2026-01-01", "--to", "2026-01-31")
    stage.done("reconcile", "batch:1", "pull:sb")
    anchor = stage.folder / "ancla.json"
    stage.done("journal", "anchor", anchor)
    return anchor


def _forged(stage: Stage, *statements: str) -> tuple[int, str]:
    anchor = _filled(stage)
    stage.held(stage.cli("journal", "verify", "--anchor", anchor)[0] == 0, "not whole before")
    stage.write(*statements)
    return stage.cli("journal", "verify", "--anchor", anchor)


def a_ghost_voucher(stage: Stage) -> None:
    batch = (
        "INSERT INTO batch SELECT 90, file_id, options, company, profile, source_system, container,"
        " encoding, encoding_confidence, header_line, title, state, lines_total, lines_record,"
        " lines_heading, lines_rejected, first_date, last_date, lines_digest, started_at,"
        " finished_at, compacted_at FROM batch WHERE id = 1"
    )
    document = (
        "INSERT INTO document SELECT 900, 90, line, last_line, kind, source_kind, '77', date,"
        " period, description, replace(external_ref, '/1', '/77'), 'x', first_position, movements,"
        " debit, credit, state, blocked_by FROM document WHERE id = 1"
    )
    block = "INSERT INTO block SELECT 90, kind, first, last, data FROM block WHERE batch_id = 1"
    status, said = _forged(stage, batch, document, block)
    stage.held(status == 1 and "batch:90" in said, "a ghost voucher is verified")
    stage.send()
    stage.held(stage.in_target == 3, "a ghost voucher was sent")


def a_forged_decision(stage: Stage) -> None:
    for number in (-1, 77):
        stage.held(
            stage.cli("journal", "verify")[0] == 0 if number > 0 else True, "not whole before"
        )
        if number < 0:
            status, _ = _forged(stage, _decision(number))
        else:
            stage.write("DELETE FROM decision", _decision(number))
            status, _ = stage.cli("journal", "verify")
        stage.held(status == 1, f"decision {number} nobody took is verified")
        stage.write("DELETE FROM decision")


def _decision(number: int) -> str:
    said = '{"action":"explain","left":["x"],"right":[],"category":"other","note":""}'
    return (
        "INSERT INTO decision (id, reconciliation, action, said, undone, at) VALUES"
        f" ({number}, 'batch:1 pull:sb', 'explain', '{said}', 0, '2026-01-31T00:00:00+00:00')"
    )


def a_forged_pull(stage: Stage) -> None:
    pull = (
        "INSERT INTO pull SELECT 50, connection, start, end, pulled_at, lines, digest FROM pull"
        " WHERE id = 1"
    )
    status, _ = _forged(stage, pull)
    stage.held(status == 1, "a pull nobody made is verified")


CHANGES = (
    'UPDATE connection SET options = \'{"certificate": "x"}\'',
    "DELETE FROM connection",
    "UPDATE outbox SET remote_changes = 'x'",
    "UPDATE outbox SET remote_number = 'x'",
    "UPDATE outbox SET document_id = 2 WHERE document_id = 1",
    "UPDATE outbox SET connection = 'otra'",
    "UPDATE outbox SET kind = 'contact'",
    "UPDATE outbox SET confirmed_at = '2020-01-01T00:00:00+00:00'",
    "UPDATE batch SET company = 'X'",
    "UPDATE batch SET title = '{}'",
    "UPDATE batch SET first_date = '2020-01-01'",
    "UPDATE file SET name = 'x'",
    "UPDATE file SET path = 'x'",
    "UPDATE pull SET start = '2020-01-01'",
    "UPDATE usage SET uses = 9",
    "UPDATE mapping SET target = '999'",
    "UPDATE mapping SET origin = 'x'",
    "UPDATE setting SET value = 'X' WHERE name = 'company'",
    "UPDATE signature SET signature = replace(signature, '0', '1')",
    "UPDATE document SET debit = debit + 100",
    "UPDATE finding SET severity = 'note'",
)


def columns_changed_past_the_program(stage: Stage) -> None:
    anchor = _filled(stage)
    clean = stage.folder / "limpio.db"
    stage.write()
    shutil.copy(stage.home / "journal.db", clean)
    for number, statement in enumerate(CHANGES):
        home = stage.folder / f"cambiada-{number}"
        home.mkdir()
        shutil.copy(clean, home / "journal.db")
        with contextlib.closing(sqlite3.connect(home / "journal.db")) as plain, plain:
            touched = plain.execute(statement).rowcount
        if touched:
            status = stage.cli("journal", "verify", "--anchor", anchor, home=home)[0]
            stage.held(status == 1, f"verified: {statement}")


def an_end_that_was_cut_off(stage: Stage) -> None:
    anchor = _filled(stage)
    with stage.journal() as journal:
        remade(journal, lambda rows: rows.__delitem__(slice(len(rows) - 3, None)))
    stage.write("DELETE FROM signature WHERE sequence > (SELECT max(sequence) FROM event)")
    (stage.home / "anchors.jsonl").unlink()
    _, said = stage.cli("journal", "verify")
    stage.held("missing or changed" not in said, "'nothing is missing' without an anchor")
    status, _ = stage.cli("journal", "verify", "--anchor", anchor)
    stage.held(status == 1, "a cut end is verified with the anchor")


def hashes_made_anew(stage: Stage) -> None:
    _filled(stage)
    (stage.home / "anchors.jsonl").unlink()
    with stage.journal() as journal:
        remade(journal, lambda rows: rows[4].update(actor="nadie@nada"))
    stage.held(stage.cli("journal", "verify")[0] == 1, "a rewritten chain is verified")


def a_forger_with_a_key(stage: Stage) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    _filled(stage)
    for actor in (who(), "otra@maquina"):
        secret = Ed25519PrivateKey.generate()
        signer = Signer(actor, secret.public_key().public_bytes_raw().hex(), secret)
        forged = Journal(stage.home / "journal.db", signer=signer)
        events.record(forged, "decision.accept", "inventada")
        forged.close()
        stage.held(stage.cli("journal", "verify")[0] == 1, f"a key of {actor} is taken")


def anchors_garbled(stage: Stage) -> None:
    _filled(stage)
    (stage.home / "anchors.jsonl").write_text("basura\n")
    stage.held(stage.cli("journal", "verify")[0] == 1, "garbled anchors are whole")
    stage.send(stage.polizas("otra.txt", [(9, "20260120", "5.00", "Otra")]))
    stage.held(stage.cli("journal", "verify")[0] == 1, "garbled anchors are forgiven by an import")
    stage.held("garbled" in stage.cli("status")[1], "garbled anchors are not said")
    stage.cli("journal", "settle", "anchors", "--reason", "disco")
    stage.held(stage.cli("journal", "verify")[0] == 0, "a person cannot settle garbled anchors")


def _damage(stage: Stage, spoil: Callable[[bytearray], None]) -> tuple[int, str]:
    home = stage.folder / "danada"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(stage.home, home)
    for suffix in ("-wal", "-shm"):
        (home / f"journal.db{suffix}").unlink(missing_ok=True)
    data = bytearray((stage.home / "journal.db").read_bytes())
    spoil(data)
    (home / "journal.db").write_bytes(data)
    return stage.cli("journal", "recover", home=home)


def damage_of_forty_kinds(stage: Stage) -> None:
    _filled(stage)
    stage.write()
    chance = random.Random(5)
    for number in range(40):
        kept = chance.choice((0, 50, 100, 3000))

        def spoil(data: bytearray, kept: int = kept) -> None:
            del data[kept:]
            data.extend(chance.randbytes(4096))

        def scratch(data: bytearray) -> None:
            for _ in range(30):
                data[chance.randrange(len(data))] ^= 0xFF

        status, said = _damage(stage, spoil if number % 2 else scratch)
        home = stage.folder / "danada"
        saved_nothing = "Nothing could be read" in said
        stage.held(status != 0 or not saved_nothing, "nothing saved, exit 0")
        halves = [path.name for path in home.iterdir() if path.suffix in (".recovering",)]
        stage.held(not halves, f"left behind: {halves}")
        stage.held("Traceback" not in said and "Unexpected" not in said, f"crashed: {said[-500:]}")


def a_home_that_is_relative(stage: Stage) -> None:
    _filled(stage)
    before = Path.cwd()
    os.chdir(stage.folder)
    try:
        status, said = stage.cli("journal", "recover", home=Path("home"))
    finally:
        os.chdir(before)
    stage.held(status in (0, 1) and "Unexpected" not in said, "a relative home crashes recover")


def a_disk_that_is_full(stage: Stage) -> None:
    _filled(stage)
    size = (stage.home / "journal.db").stat().st_size

    def back_up() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))
        os._exit(stage.cli("journal", "backup", stage.folder / "copia.db")[0])

    child = Child(back_up, ())
    _, ended = os.waitpid(child.pid, 0)
    stage.held(os.WEXITSTATUS(ended) == 2, "a backup on a full disk crashes")
    left = [path.name for path in stage.folder.iterdir() if path.name.startswith("copia.db")]
    stage.held(not left, f"left behind: {left}")
    with stage.journal() as journal:
        stage.held(verification.verify(journal).ok, "the journal is not whole afterwards")


def a_story_of_a_contact(stage: Stage) -> None:
    stage.connect()
    listing = stage.folder / "terceros.csv"
    shutil.copy(
        Path(__file__).parents[1] / "data/colombia/wo9_listado_terceros_direcciones_synthetic.csv",
        listing,
    )
    stage.done("import", listing)
    stage.done("push", "--connection", "sb", "--contacts", "--only-ready")
    with stage.journal() as journal:
        from app.journal import documents

        names = [row.external_ref for row in documents.every(journal, "contact")]
    stage.held(names, "no contact was read")
    for name in names:
        status, said = stage.cli("journal", "show", name)
        stage.held(status == 0 and "Unexpected" not in said, f"the story of {name} crashes")


def words_nobody_has_for_events(stage: Stage) -> None:
    _filled(stage)
    _, found = stage.json("journal", "show", "connection:sb")
    with stage.journal() as journal:
        from app.journal.event_words import EVENTS

        unknown = {event.kind for event in events.of(journal)} - EVENTS.keys()
    stage.held(not unknown, f"events without words: {unknown}")
    stage.held(json.dumps(found), "no story of a connection")


def _appended(stage: Stage, *new: tuple[str, str, dict[str, object]]) -> None:
    """Events written behind the last one, every hash made as the program makes it."""

    def edit(rows: list[dict[str, Any]]) -> None:
        for kind, subject, data in new:
            rows.append({**rows[-1], "kind": kind, "subject": subject, "data": canonical(data)})

    with stage.journal() as journal:
        remade(journal, edit)


def a_settlement_nobody_signed(stage: Stage) -> None:
    _filled(stage)
    reference = "EMPRESA/contpaqi/3/2026-01/1"
    answer = {"connection": "sb", "remote_id": "777", "remote_number": "FALSO", "changes": []}
    _appended(
        stage,
        ("batch.approved", "batch:1", {"what": "errors", "reason": "x"}),
        ("outbox.confirmed", reference, answer),
        ("journal.settled", "journal", {"what": "signatures", "reason": "x", "path": ""}),
    )
    stage.write(
        "UPDATE outbox SET remote_id = '777', remote_number = 'FALSO' WHERE external_ref LIKE '%/1'"
    )
    stage.held(stage.cli("journal", "verify")[0] == 1, "a settlement nobody signed is believed")


def a_decision_where_nobody_decided(stage: Stage) -> None:
    stage.connect()
    stage.send(stage.polizas("mes.txt"))
    for number in (1, -1, 77):
        stage.write("DELETE FROM decision", _decision(number))
        stage.held(stage.cli("journal", "verify")[0] == 1, f"decision {number} is verified")


def a_file_called_archived(stage: Stage) -> None:
    stage.connect()
    stage.send(stage.polizas("mes.txt"))
    for statement in (
        "UPDATE batch SET compacted_at = '2026-02-01T00:00:00+00:00'",
        "UPDATE batch SET compacted_at = '', finished_at = ''",
        "UPDATE batch SET finished_at = '9999-01-01'",
        "UPDATE outbox SET confirmed_at = ''",
    ):
        stage.write(statement)
        stage.held(stage.cli("journal", "verify")[0] == 1, f"verified: {statement}")


def a_chain_without_a_head(stage: Stage) -> None:
    for number, statement in enumerate(
        (
            "DELETE FROM chain",
            "UPDATE chain SET id = 5",
            "INSERT INTO chain (id, sequence, hash) VALUES (7, 1, 'x')",
        )
    ):
        home = stage.folder / f"cadena-{number}"
        stage.connect(home=home)
        stage.write(statement, home=home)
        for command in (("journal", "verify"), ("status",), ("journal", "list")):
            status, said = stage.cli(*command, home=home)
            stage.held("Unexpected" not in said, f"{command} crashes after {statement}")
            wrong = command != ("journal", "verify") or status != 0
            stage.held(wrong, f"verified: {statement}")


def copies_onto_itself(stage: Stage) -> None:
    _filled(stage)
    for command in ("backup", "restore"):
        status, said = stage.cli("journal", command, stage.home / "journal.db")
        stage.held(status == 2 and "itself" in said, f"{command} writes onto the journal")


ATTACKS = (
    Attack("S8", "a settlement nobody signed", a_settlement_nobody_signed),
    Attack("S9", "a decision where nobody decided", a_decision_where_nobody_decided),
    Attack("S11", "a file called archived", a_file_called_archived),
    Attack("", "a chain without a head", a_chain_without_a_head),
    Attack("", "copies onto the journal itself", copies_onto_itself),
    Attack("S5", "forty kinds of damage", damage_of_forty_kinds),
    Attack("S5", "relative home", a_home_that_is_relative),
    Attack("S8", "ghost voucher", a_ghost_voucher),
    Attack("S9", "forged decision", a_forged_decision),
    Attack("S10", "forged pull", a_forged_pull),
    Attack("S11", "columns changed", columns_changed_past_the_program),
    Attack("S12", "end cut off", an_end_that_was_cut_off),
    Attack("S12", "garbled anchors", anchors_garbled),
    Attack("S12", "hashes made anew", hashes_made_anew),
    Attack("", "a forger with a key of his own", a_forger_with_a_key),
    Attack("S18", "backup on a full disk", a_disk_that_is_full),
    Attack("S22", "story of a contact", a_story_of_a_contact),
    Attack("S22", "events without words", words_nobody_has_for_events),
)
