"""The tasks and services operating systems are given."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path, PureWindowsPath
from typing import cast
from xml.etree import ElementTree

import pytest

from app.agent import installing
from app.agent.installing import NotRegistered
from app.agent.schedule import Kind, definition, task_name
from app.journal import Journal

TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
HOME = cast(Path, PureWindowsPath(r"D:\Despacho Núñez & Cía (2)"))
PROGRAM = r"C:\Program Files\Cuadre\cuadre.exe"


def made(kind: Kind) -> bytes:
    return definition(
        kind, home=HOME, user=r"DESPACHO\ñu", command=[PROGRAM], arguments=["--send", "odoo"]
    )


@pytest.mark.parametrize(
    ("kind", "logon", "limit", "once"),
    [
        (Kind.DESKTOP, "InteractiveToken", "PT2H", " --once"),
        (Kind.SERVER, "Password", "PT0S", ""),
    ],
)
def test_a_task_of_windows_says_who_what_and_how_long(
    kind: Kind, logon: str, limit: str, once: str
) -> None:
    data = made(kind)
    assert data.startswith(b"\xff\xfe"), "UTF-16 with its mark, as declared"
    root = ElementTree.fromstring(data)
    said = {node.tag.removeprefix(TASK): (node.text or "").strip() for node in root.iter()}
    assert said["LogonType"] == logon, "never S4U: it has neither keyring nor shares"
    assert said["UserId"] == r"DESPACHO\ñu"
    assert said["Command"] == f'"{PROGRAM}"'
    assert said["Arguments"] == f'--home "{HOME}" work --send odoo{once}'
    assert said["ExecutionTimeLimit"] == limit
    assert said["MultipleInstancesPolicy"] == "IgnoreNew"
    assert (said["DisallowStartIfOnBatteries"], said["StopIfGoingOnBatteries"]) == (
        "false",
        "false",
    )


def test_a_service_of_winsw_is_xml() -> None:
    root = ElementTree.fromstring(made(Kind.WINSW))
    assert root.findtext("arguments") == f'--home "{HOME}" work --send odoo'
    assert root.findtext("stoptimeout") == "150 sec"


def test_a_unit_of_systemd_has_nothing_to_complain_of(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    unit = tmp_path / "cuadre-work.service"
    unit.write_bytes(
        definition(Kind.SYSTEMD, home=tmp_path, user="root", command=["/bin/true"], arguments=[])
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert "cuadre-work" not in done.stderr, done.stderr


def test_two_homes_have_two_tasks() -> None:
    assert task_name(Path("/a")) != task_name(Path("/b"))


@pytest.mark.skipif(os.name != "posix", reason="a stand-in written in sh")
def test_a_unit_is_registered_listed_and_taken_out(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a stand-in that writes down what it is told."""
    log, programs, units = tmp_path / "log", tmp_path / "bin", tmp_path / "units"
    programs.mkdir()
    program = programs / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setattr(installing, "_SYSTEMD", units)
    made = installing.install(
        journal,
        Kind.SYSTEMD,
        home=tmp_path / "casa",
        user="cuadre",
        command=["/opt/cuadre"],
        arguments=["--send", "odoo"],
    )
    unit = units / f"cuadre-{made.name}.service"
    assert "work --send odoo" in unit.read_text()
    assert [one.name for one in installing.every(journal)] == [made.name]
    installing.remove(journal, made.name)
    assert not unit.exists() and installing.every(journal) == []
    assert log.read_text().splitlines() == [
        "daemon-reload",
        f"enable --now {unit.name}",
        f"disable --now {unit.name}",
    ]


@pytest.mark.skipif(os.name != "posix", reason="a stand-in written in sh")
def test_a_password_is_asked_for_where_the_person_sees_it(
    journal: Journal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """``schtasks /RP *`` asks on the console; what it asks is no part of our answer."""
    program = tmp_path / "schtasks"
    program.write_text('#!/bin/sh\nprintf "%s:\\n" "password for $7"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    installing.install(
        journal,
        Kind.SERVER,
        home=tmp_path / "casa",
        user=r"DESPACHO\ana",
        command=["cuadre"],
        arguments=[],
    )
    out, shown = capfd.readouterr()
    assert (out, shown) == ("", "password for DESPACHO\\ana:\n")


def test_a_system_that_does_not_take_it_is_told_with_what_to_run(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotRegistered) as refused:
        installing.install(
            journal,
            Kind.DESKTOP,
            home=tmp_path / "casa",
            user="ana",
            command=["cuadre"],
            arguments=[],
        )
    assert refused.value.path.exists()
    assert "schtasks /Create" in refused.value.told()
    assert installing.every(journal) == []
