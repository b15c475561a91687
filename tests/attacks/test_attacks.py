"""Nothing falls."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="some attacks need fork")
def test_every_attack_is_held() -> None:
    command = [sys.executable, "-m", "tests.attacks"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
