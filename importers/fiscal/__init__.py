"""Fiscal documents as neutral documents: CFDI, complements of payments, nómina, certificates of
withholding, the DIAN's invoices, notes and payroll, and the SAT's metadata.

:func:`read_documents` reads files; :mod:`importers.fiscal.model` says what a document is.
"""

from importers.fiscal.model import FiscalDocument, Kind
from importers.fiscal.reading import Reading, Said, read_documents

__all__ = ["FiscalDocument", "Kind", "Reading", "Said", "read_documents"]
