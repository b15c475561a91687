"""Errors of the database under the journal, for whoever has to say them to a person."""

from sqlalchemy.exc import DatabaseError, DataError

__all__ = ["DataError", "DatabaseError"]
