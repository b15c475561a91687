"""The tasks and services operating systems are given."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path, PureWindowsPath
from typing import cast
from xml.etree import ElementTree

import pytest

from app.agent.schedule import Kind, definition, task_name

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
