"""Cuadre: what the window and the command line do."""

import os

# Workbooks are written by the same code everywhere, whether or not somebody installed lxml beside
# us: a paper is the same byte for byte on every system.
os.environ["OPENPYXL_LXML"] = "False"
