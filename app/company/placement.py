"""Where a data home lies: an SQLite journal on a network share or in a folder that is synchronised
loses events without a word.

Source: SQLite's own "How To Corrupt An SQLite Database File" (https://sqlite.org/howtocorrupt.html),
§2.1 (file locks on network file systems) and §1.2 (copies made while it is written).
"""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path

import psutil

_SYNCHRONISED = re.compile(
    r"onedrive.*|dropbox.*|google ?drive.*|my drive|mi unidad|icloud ?drive|com~apple~clouddocs|"
    r"nextcloud.*|owncloud.*|box( sync)?|pcloud ?drive|mega(sync)?|synologydrive|syncthing",
    re.IGNORECASE,
)
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smbfs", "smb3", "afpfs", "9p", "fuse.sshfs", "davfs", "webdav"}
)


class Placement(StrEnum):
    """What is dangerous about where a home lies; empty where nothing is."""

    SAFE = ""
    NETWORK = "network"
    SYNCHRONISED = "synchronised"


def placement_of(home: Path) -> Placement:
    """By the names of its folders and the file system they are on."""
    place = home.expanduser().absolute()
    if str(place).startswith(("\\\\", "//")):
        return Placement.NETWORK
    if any(_SYNCHRONISED.fullmatch(part) for part in place.parts[1:]):
        return Placement.SYNCHRONISED
    return Placement.NETWORK if _is_remote(place) else Placement.SAFE


def _is_remote(place: Path) -> bool:
    """Whether the deepest mount point above a folder is of a network."""
    try:
        mounts = psutil.disk_partitions(all=True)
    except OSError:
        return False
    above = [mount for mount in mounts if _holds(mount.mountpoint, place)]
    deepest = max(above, key=lambda mount: len(mount.mountpoint), default=None)
    if deepest is None:
        return False
    return deepest.fstype.casefold() in _NETWORK or "remote" in deepest.opts.split(",")


def _holds(mountpoint: str, place: Path) -> bool:
    try:
        return os.path.commonpath((mountpoint, str(place))) == os.path.normpath(mountpoint)
    except ValueError:
        return False
