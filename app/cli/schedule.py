"""``cuadre schedule``: the task or service that starts the work; ``cuadre jobs`` and ``cuadre
sync``: what it does, and how often.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from getpass import getuser
from pathlib import Path

from app.agent import deadman, installing, schedule, selftest
from app.agent.jobs import Job, change, plans, text_of
from app.agent.schedule import Kind
from app.cli.home import open_home
from app.cli.output import Stop, answer, decided, table
from app.cli.targets import known_connection
from app.company import settings
from app.inbox import policies
from app.inbox.policies import DATA_TEXTS, Data, Policy
from app.journal import Journal, cursors
from app.journal import jobs as leases
from app.system_words import system_words
from app.translation import QT_TRANSLATE_NOOP, translate

_NEXT = {
    Kind.DESKTOP: QT_TRANSLATE_NOOP(
        "schedule", 'Written. Register it: schtasks /Create /TN "\\Cuadre\\{name}" /XML {path} /F'
    ),
    Kind.SERVER: QT_TRANSLATE_NOOP(
        "schedule",
        "Written. Register it with the account's password, which is asked for: schtasks /Create"
        ' /TN "\\Cuadre\\{name}" /XML {path} /RU ACCOUNT /RP * /F. Store the connections\' secrets'
        " as that account first.",
    ),
    Kind.WINSW: QT_TRANSLATE_NOOP(
        "schedule", "Written. Put it beside WinSW's program under the same name: NAME.exe install"
    ),
    Kind.SYSTEMD: QT_TRANSLATE_NOOP(
        "schedule",
        "Written. Copy it to /etc/systemd/system/cuadre-{name}.service: systemctl enable --now"
        " cuadre-{name}",
    ),
}


def write(chosen: argparse.Namespace) -> int:
    """Write the task or service that starts the work, and say what to do with it."""
    home, kind = _home(chosen), Kind(chosen.kind)
    made = schedule.definition(
        kind,
        home=home,
        user=chosen.user or getuser(),
        command=_command(chosen),
        arguments=_arguments(chosen),
    )
    path = Path(chosen.out)
    path.write_bytes(made)
    name = schedule.task_name(home)
    told = translate("schedule", _NEXT[kind]).format(path=path, name=name)
    answer(chosen.json, {"file": str(path), "task": name}, [told])
    return 0


def install(chosen: argparse.Namespace) -> int:
    """Register it with the system, then test as the account at hand."""
    journal = open_home(chosen)
    try:
        one = decided(
            lambda: installing.install(
                journal,
                Kind(chosen.kind),
                home=_home(chosen),
                user=chosen.user or getuser(),
                command=_command(chosen),
                arguments=_arguments(chosen),
            )
        )
    except OSError as error:
        raise Stop(f"{error.filename}: {system_words(error)}") from None
    text = translate("schedule", "Registered as {name}; it runs as {user}.")
    found = selftest.test(journal)
    lines = [text.format(name=one.name, user=one.user), *_test_lines(found)]
    if one.user.split("\\")[-1] != getuser():
        lines.append(
            translate(
                "schedule",
                "It runs as another account: run “cuadre schedule test” as that one too, secrets"
                " and shares are its own.",
            )
        )
    answer(chosen.json, {"task": one.name, "checks": _test_json(found)}, lines)
    return 0 if all(item.is_ok for item in found) else 1


def show_list(chosen: argparse.Namespace) -> int:
    """What is registered, when it was tested, and when each job was done last."""
    journal = open_home(chosen)
    tested = selftest.last_test(journal)
    rows = leases.every(journal)
    value = {
        "installed": [
            {"task": one.name, "kind": one.kind, "user": one.user, "file": one.path, "at": one.at}
            for one in installing.every(journal)
        ],
        "tested": {"at": tested[0], "by": tested[1], "ok": tested[2]} if tested else None,
        "jobs": [
            {"job": row.name, "started": row.last_started, "done": row.last_done, "ok": row.last_ok}
            for row in rows
        ],
    }
    answer(chosen.json, value, _list_lines(journal, tested))
    return 0


def _list_lines(journal: Journal, tested: tuple[str, str, bool] | None) -> Iterator[str]:
    known = installing.every(journal)
    if not known:
        yield translate("schedule", "Nothing is registered from this home.")
    for one in known:
        yield f"{one.name}  {one.kind}  {one.user}  {one.path}"
    if tested is not None:
        text = translate("schedule", "Tested {at} by {actor}: {result}")
        result = translate("schedule", "well") if tested[2] else translate("schedule", "not well")
        yield text.format(at=_local(tested[0]), actor=tested[1], result=result)
    yield from _job_lines(journal)


def remove(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    name = chosen.name or schedule.task_name(_home(chosen))
    try:
        one = decided(lambda: installing.remove(journal, name))
    except LookupError:
        text = translate("schedule", "{name} was not registered from this home.")
        raise Stop(text.format(name=name)) from None
    text = translate("schedule", "{name} is taken out of the system; the home stays as it is.")
    answer(chosen.json, {"removed": one.name}, [text.format(name=one.name)])
    return 0


def test(chosen: argparse.Namespace) -> int:
    """Check as this account everything the work needs. Exit status 1 where something lacks."""
    found = selftest.test(open_home(chosen))
    answer(chosen.json, _test_json(found), _test_lines(found))
    return 0 if all(one.is_ok for one in found) else 1


def _test_json(found: Sequence[selftest.Found]) -> list[dict[str, object]]:
    return [
        {"check": one.check.value, "about": one.about, "ok": one.is_ok, "words": one.words}
        for one in found
    ]


def _test_lines(found: Sequence[selftest.Found]) -> list[str]:
    return table([("✓" if one.is_ok else "✗", one.text, one.about, one.words) for one in found])


def jobs_list(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    known = {row.name: row for row in leases.every(journal)}
    value = [
        {
            "job": job.value,
            "rule": plan.rule.text,
            "zone": plan.zone.key,
            "due_at": known[job].due_at if job in known else "",
            "last_done": known[job].last_done if job in known else "",
            "ok": bool(known[job].last_ok) if job in known else None,
            "words": known[job].last_words if job in known else "",
        }
        for job, plan in plans(journal).items()
    ]
    answer(chosen.json, value, _job_lines(journal))
    return 0


def _job_lines(journal: Journal) -> Iterator[str]:
    known = {row.name: row for row in leases.every(journal)}
    rows = []
    for job, plan in plans(journal).items():
        row = known.get(job)
        done = _local(row.last_done) if row and row.last_done else "–"
        words = "▲ " + row.last_words[:80] if row and not row.last_ok else ""
        zone = "" if plan.rule.is_often or not plan.rule.days else plan.zone.key
        rows.append((job.value, text_of(job), plan.rule.text, zone, done, words))
    yield from table(rows)


def jobs_set(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    plan = decided(lambda: change(journal, Job(chosen.job), chosen.rule, chosen.zone))
    text = translate("jobs", "{job}: {rule} ({zone})")
    said = text.format(job=chosen.job, rule=plan.rule.text, zone=plan.zone.key)
    answer(chosen.json, {"job": chosen.job, "rule": plan.rule.text}, [said])
    return 0


def sync_list(chosen: argparse.Namespace) -> int:
    """How often each kind of data of each connection is read, and when it was last."""
    journal = open_home(chosen)
    value, lines = [], []
    for kept in settings.connections(journal):
        policy = policies.load(journal, kept)
        streams = [row for row in cursors.every(journal, kept.name) if row.stream[:1] != "#"]
        value.append(
            {
                "connection": kept.name,
                **{data.value: getattr(policy, data.value) for data in Data},
                "limited_by_calls": policy.is_limited,
                "streams": [
                    {"stream": row.stream, "mark": row.mark, "last_done": row.last_done}
                    for row in streams
                ],
            }
        )
        lines += [f"{kept.name}  {_policy_line(policy)}"]
        lines += [f"  {row.stream}  {_local(row.last_done)}" for row in streams if row.last_done]
    answer(chosen.json, value, lines)
    return 0


def _policy_line(policy: Policy) -> str:
    said = []
    for data in Data:
        seconds = getattr(policy, data.value)
        often = translate("sync", "never")
        if seconds:
            often = translate("sync", "every {minutes} min").format(minutes=f"{seconds / 60:g}")
        said.append(f"{translate('sync', DATA_TEXTS[data])}: {often}")
    if policy.is_limited:
        said.append(translate("sync", "no more often: the plan's calls would be used up"))
    return " · ".join(said)


def sync_set(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    known_connection(journal, chosen.connection)
    decided(
        lambda: policies.change(journal, chosen.connection, Data(chosen.data), chosen.minutes * 60)
    )
    return sync_list(chosen)


def deadman_set(chosen: argparse.Namespace) -> int:
    """Keep the address fetched after each good round; read from standard input."""
    journal = open_home(chosen)
    given = sys.stdin.readline().strip()
    if given and not deadman.is_address(given):
        raise Stop(translate("cli", "This is no address (https://…)."))
    if not deadman.keep(journal, given):
        raise Stop(translate("cli", "This account has no secret store; nothing was kept."))
    text = translate("cli", "Each good round fetches it from now on.")
    off = translate("cli", "Nothing is fetched any more.")
    answer(chosen.json, {"kept": bool(given)}, [text if given else off])
    return 0


def _home(chosen: argparse.Namespace) -> Path:
    return settings.home_folder(chosen.home).resolve()


def _command(chosen: argparse.Namespace) -> list[str]:
    return [chosen.command] if chosen.command else [sys.executable, "-m", "app"]


def _arguments(chosen: argparse.Namespace) -> list[str]:
    sending = [word for name in chosen.send for word in ("--send", name)]
    return [*sending, *(["--documents"] if chosen.documents else [])]


def _local(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
