"""Where the frozen program starts: ``cuadre-gui`` opens the window, ``cuadre`` takes commands."""

from __future__ import annotations

import sys
from pathlib import Path

from app.__main__ import main, main_window

if __name__ == "__main__":
    sys.exit(main_window() if Path(sys.executable).stem.endswith("-gui") else main())
