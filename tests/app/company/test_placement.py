"""Where a data home must not lie is told."""

from __future__ import annotations

import stat
import sys
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from app.company import placement
from app.company.placement import Placement, placement_of
from app.journal import Journal
from app.month_end import alerts

Mount = namedtuple("Mount", "mountpoint fstype opts")


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("/home/ana/OneDrive - ACME SA/cuadre", Placement.SYNCHRONISED),
        ("/home/ana/Dropbox/empresas/acme", Placement.SYNCHRONISED),
        ("/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/c", Placement.SYNCHRONISED),
        ("/home/ana/Google Drive/Mi unidad/c", Placement.SYNCHRONISED),
        ("//servidor/contabilidad/c", Placement.NETWORK),
        ("/mnt/red/c", Placement.NETWORK),
        ("/mnt/redonda/c", Placement.SAFE),
        ("/home/ana/boxeo/c", Placement.SAFE),
        ("/home/ana/.local/share/Cuadre", Placement.SAFE),
    ],
)
def test_a_home_is_known_by_its_folders_and_its_file_system(
    monkeypatch: pytest.MonkeyPatch, home: str, expected: Placement
) -> None:
    mounts = [Mount("/", "ext4", "rw"), Mount("/mnt/red", "cifs", "rw")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)  # noqa: A006 - its name
    assert placement_of(Path(home)) is expected


def test_a_journal_that_lies_badly_is_an_alert(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "placement_of", lambda _: placement.Placement.SYNCHRONISED)
    (alert,) = alerts.standing(journal)
    assert (alert.code, alert.level) == ("home-synchronised", alerts.Level.WARNING)
    assert str(journal.home) in alert.text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's folders apart itself")
def test_a_new_home_is_its_owners_alone(tmp_path: Path) -> None:
    made = Journal(tmp_path / "casa" / "journal.db")
    made.close()
    assert stat.S_IMODE((tmp_path / "casa").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "casa" / "journal.db").stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's folders apart itself")
def test_a_journal_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    Journal(tmp_path / "journal.db").close()
    (tmp_path / "journal.db").chmod(0o644)
    Journal(tmp_path / "journal.db").close()
    assert stat.S_IMODE((tmp_path / "journal.db").stat().st_mode) == 0o600
