"""The use cases that join the wings: a file into the journal, documents out to a target, books back
in.
"""
