"""How the modules of the command line give their commands to the parser."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Add = Callable[..., argparse.ArgumentParser]
"""Makes a command: where, its name, what it does in words, what runs it, whether with JSON."""
