"""What doubled or lost documents."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

from app.company.targets import SameCompany
from app.journal import leases, outbox, outbox_rows, store
from app.journal.leases import Settlement
from app.journal.outbox import Intent, State
from app.sending.pull import pull
from importers import Options
from tests.attacks.stage import MONTH, Attack, Stage, Voucher


def two_files_with_the_same_folios(stage: Stage) -> None:
    stage.connect()
    north = stage.polizas("norte.txt")
    south = stage.polizas("sur.txt", [(f, d, "999.00", t) for f, d, _, t in MONTH])
    result = stage.send(north, south)
    stage.held(stage.in_target == 0, "something of disputed folios was sent")
    stage.held(not result.clean, "the push called itself clean")
    status, found = stage.json("status")
    stage.held(status == 1 and not found["retry_queue"]["ok"], "four green figures")
    stage.held(len(found["questions"]["repeated_folios"]) == 3, "no figure names them")
    stage.held("which file counts" in stage.cli("alerts", "check")[1], "no alert")
    stage.held(stage.cli("push", "--connection", "sb")[0] == 1, "exit 0")
    stage.done("approve", "sur.txt", "--what", "folios", "--reason", "vale el sur")
    stage.send()
    stage.held(stage.in_target == 3, "the chosen file was not sent once")


def two_branches_that_are_said(stage: Stage) -> None:
    stage.connect()
    south = stage.polizas("sur.txt", [(f, d, "999.00", t) for f, d, _, t in MONTH])
    stage.send(stage.polizas("norte.txt"), options=Options(source="norte"))
    result = stage.send(south, options=Options(source="sur"))
    stage.held(stage.in_target == 6 and result.clean, "branches with folios of their own lost some")


def _again(stage: Stage, first: Path, second: Path, guarded: bool, home: Path | None = None) -> int:
    """How many entries there are after a month came again in another dress."""
    stage.guard(guarded)
    stage.connect()
    before = stage.send(first).confirmed
    if home is not None:
        stage.connect(home=home)
    result = stage.send(second, home=home, company="OTRA" if home else "")
    stage.held(before == 3, "the first time was not sent")
    stage.held(stage.in_target == 3, f"{stage.in_target} entries instead of 3")
    stage.held(not result.clean, "called clean")
    return stage.in_target


def _moved(step: int) -> list[Voucher]:
    return [(int(folio) + step, *rest) for folio, *rest in MONTH]  # type: ignore[misc]


def folios_numbered_anew(stage: Stage) -> None:
    _again(stage, stage.polizas("a.txt"), stage.polizas("b.txt", _moved(100)), guarded=True)


def folios_numbered_anew_without_a_guard(stage: Stage) -> None:
    _again(stage, stage.polizas("a.txt"), stage.polizas("b.txt", _moved(100)), guarded=False)


def folios_with_zeros_before(stage: Stage) -> None:
    padded = [(f"{int(folio):05}", *rest) for folio, *rest in MONTH]
    _again(stage, stage.table("a.csv"), stage.table("b.csv", padded), guarded=True)  # type: ignore[arg-type]


def types_written_otherwise(stage: Stage) -> None:
    _again(stage, stage.table("a.csv"), stage.table("b.csv", kind="Diario"), guarded=True)


def another_code_of_the_company_on_another_desktop(stage: Stage) -> None:
    other = stage.folder / "otro"
    _again(stage, stage.polizas("a.txt"), stage.polizas("b.txt"), guarded=True, home=other)


def another_code_without_a_guard(stage: Stage) -> None:
    other = stage.folder / "otro"
    _again(stage, stage.polizas("a.txt"), stage.polizas("b.txt"), guarded=False, home=other)


def a_home_put_back_by_file_copy(stage: Stage) -> None:
    for guarded in (True, False):
        home = stage.folder / f"home-{guarded}"
        stage.guard(guarded)
        stage.connect(name="sb", home=home)
        begun = stage.in_target
        amounts = {True: "71.00", False: "72.00"}[guarded]
        month = [(f, d, amounts, t) for f, d, _, t in MONTH]
        path = stage.polizas(f"mes-{guarded}.txt", month)
        code = f"C{guarded}".upper()
        with stage.journal(home):
            pass
        shutil.copytree(home, stage.folder / f"copia-{guarded}")
        stage.send(path, home=home, company=code)
        shutil.rmtree(home)
        shutil.copytree(stage.folder / f"copia-{guarded}", home)
        status, said = stage.cli("status", home=home)
        stage.held(status == 1, "an older journal shows four green figures")
        stage.held("older" in said, "nothing is said of an older journal")
        stage.send(path, home=home, company=code)
        stage.held(stage.in_target - begun == 3, "doubled after a copy was put back")


def a_journal_that_is_empty(stage: Stage) -> None:
    stage.guard(False)
    stage.connect()
    path = stage.polizas("mes.txt")
    stage.send(path)
    for suffix in ("", "-wal", "-shm"):
        (stage.home / f"journal.db{suffix}").unlink(missing_ok=True)
    (stage.home / "journal.db").write_bytes(b"")
    stage.held(stage.cli("status")[0] == 2, "an empty journal beside its anchors is opened")
    (stage.home / "anchors.jsonl").unlink()
    stage.connect()
    stage.held("Another journal" in stage.cli("status")[1], "an empty journal is not noticed")
    stage.send(path)
    stage.held(stage.in_target == 3, "doubled after the journal was emptied")


def a_journal_saved_from_damage(stage: Stage) -> None:
    stage.guard(False)
    stage.connect()
    path = stage.polizas("mes.txt")
    stage.send(path)
    stage.write("DELETE FROM event WHERE sequence = 7", "DELETE FROM outbox")
    stage.cli("journal", "recover")
    stage.held(stage.cli("status")[0] == 1, "a journal saved from damage shows green figures")
    stage.send(path)
    stage.held(stage.in_target == 3, "doubled after journal recover")


def two_connections_to_one_company(stage: Stage) -> None:
    stage.guard(False)
    stage.connect()
    path = stage.polizas("mes.txt")
    stage.send(path)
    stage.connect("otra")
    try:
        stage.send(name="otra")
        stage.held(False, "a second connection to the same company sends")
    except SameCompany:
        stage.held(stage.in_target == 3, "doubled by a second connection")


def two_desktops_with_journals_of_their_own(stage: Stage) -> None:
    stage.guard(False)
    path = stage.polizas("mes.txt")
    state = os.environ["CUADRE_STATE"]
    for number in range(2):
        home = stage.folder / f"escritorio-{number}"
        os.environ["CUADRE_STATE"] = str(stage.folder / f"maquina-{number}")
        stage.connect(home=home)
        stage.send(path, home=home)
    os.environ["CUADRE_STATE"] = state
    stage.held(stage.in_target == 3, "two desktops with journals of their own doubled")


def both_at_once_on_a_target_without_a_guard(stage: Stage) -> None:
    """What nobody can prevent is named by the next pull."""
    stage.guard(False)
    stage.connect()
    stage.send(stage.polizas("mes.txt"))
    with stage.journal() as journal:
        from datetime import date

        from app import documents

        row = outbox_rows.every(journal, "sb")[0]
        target = stage.target()
        target.create_entries([documents.reader(journal)(row.document)])  # type: ignore[list-item]
        pull(journal, "sb", target, date(2026, 1, 1), date(2026, 1, 31))
        target.close()
    status, found = stage.json("status")
    stage.held(row.external_ref in found["orphan_records"]["documents"], "a double is not named")
    stage.held(status == 1, "a double shows green figures")
    stage.held("more than once" in stage.cli("alerts", "check")[1], "a double is no alert")


def a_clock_that_is_wrong_and_a_late_answer(stage: Stage) -> None:
    stage.connect()
    with stage.journal() as journal:
        from app.intake.importing import import_file

        import_file(journal, stage.polizas("mes.txt"))
        outbox.enqueue(journal, "sb", [Intent("F1", 1, "h", {"x": 1})])
        slow = leases.claim(journal, "sb", "otra-pc|4|1.0|abcd", State.QUEUED, 1)[0]
        right = store.instant
        store.instant = lambda: right() + timedelta(hours=1)
        leases.recover(journal, "sb")
        mine = leases.claim(journal, "sb", leases.lease_owner(), State.UNCERTAIN, 1)[0]
        store.instant = right
        for claim, remote in ((mine, "8"), (slow, "7")):
            settled = Settlement(claim, State.CONFIRMED, "outbox.confirmed", remote_id=remote)
            leases.settle(journal, [settled])
        row = outbox_rows.of_reference(journal, "sb", "F1")
        stage.held(row is not None and row.state == State.CONFLICT, "two answers, one word")


def amounts_of_another_currency(stage: Stage) -> None:
    stage.connect()
    rows = ["Fecha,Tipo,Poliza,Cuenta,Concepto,Cargo,Abono"]
    for folio, amount in enumerate(("USD 100.00", "US$100.00", "100.00 dls", "€100.00"), start=1):
        rows += [
            f'05/01/2026,DIA,{folio},102010001,x,"{amount}",',
            f'05/01/2026,DIA,{folio},401010001,x,,"{amount}"',
        ]
    path = stage.folder / "dolares.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    stage.send(path)
    stage.held(stage.in_target == 0, "amounts of another currency were sent as pesos")


def a_secret_that_opens_another_company(stage: Stage) -> None:
    from app.company.targets import OtherCompanyThere

    stage.connect()
    stage.send(stage.polizas("mes.txt"))
    stage.store.set_setting("tax_id", "XAXX010101000")
    try:
        stage.send(stage.polizas("mas.txt", _moved(50)))
        stage.held(False, "documents went to another company")
    except OtherCompanyThere:
        stage.held(stage.in_target == 3, "documents went to another company")


def two_exports_before_the_first_sending(stage: Stage) -> None:
    stage.connect()
    result = stage.send(stage.polizas("a.txt"), stage.polizas("b.txt", _moved(100)))
    stage.held(stage.in_target == 3 and not result.clean, f"{stage.in_target} entries of 3")


def a_voucher_put_before_the_others(stage: Stage) -> None:
    more = [(1, "20260102", "55.00", "Olvidada"), *_moved(1)]
    _again(stage, stage.polizas("a.txt"), stage.polizas("b.txt", more), guarded=False)


def texts_spoilt_by_the_other_export(stage: Stage) -> None:
    stage.guard(False)
    stage.connect()
    said = "Pago de comisión bancaria enero a Banamex sucursal centro"
    month = [(folio, day, amount, f"{text} {said}") for folio, day, amount, text in MONTH]
    stage.send(stage.polizas("a.txt", month))
    for number, spoil in enumerate(
        (
            lambda text: text[:30],
            lambda text: "",
            lambda text: text.encode().decode("cp1252", "replace"),
        ),
        start=1,
    ):
        again = [
            (int(folio) + 100 * number, day, amount, spoil(text))
            for folio, day, amount, text in month
        ]
        stage.send(stage.table(f"b{number}.csv", again))
        stage.held(stage.in_target == 3, f"{stage.in_target} entries of 3")


ATTACKS = (
    Attack("S2", "two exports before the first sending", two_exports_before_the_first_sending),
    Attack("S2", "a voucher put before the others", a_voucher_put_before_the_others),
    Attack("S2", "texts spoilt by the other export", texts_spoilt_by_the_other_export),
    Attack("S1", "two files with the same folios", two_files_with_the_same_folios),
    Attack("S1", "two branches with folios of their own", two_branches_that_are_said),
    Attack("S2", "folios + 100", folios_numbered_anew),
    Attack("S2", "folios + 100, target without a guard", folios_numbered_anew_without_a_guard),
    Attack("S2", "folios with zeros before", folios_with_zeros_before),
    Attack("S2", "Diario for DIA", types_written_otherwise),
    Attack("S2", "another company code", another_code_of_the_company_on_another_desktop),
    Attack("S2", "another company code, no guard", another_code_without_a_guard),
    Attack("S3", "home put back by file copy", a_home_put_back_by_file_copy),
    Attack("S3", "journal saved from damage", a_journal_saved_from_damage),
    Attack("S3", "two connections to one company", two_connections_to_one_company),
    Attack("S3", "two desktops, two journals", two_desktops_with_journals_of_their_own),
    Attack("S3", "at once on a target without a guard", both_at_once_on_a_target_without_a_guard),
    Attack("S4", "clock one hour ahead, late answer", a_clock_that_is_wrong_and_a_late_answer),
    Attack("S6", "journal emptied", a_journal_that_is_empty),
    Attack("S7", "currency words in amounts", amounts_of_another_currency),
    Attack("", "a secret that opens another company", a_secret_that_opens_another_company),
)
