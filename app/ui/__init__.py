"""The window. No rule of accounting lives here; it shows what the bridge knows and asks it to
act.
"""
