"""CONTPAQi Contabilidad: what its layouts need beyond a profile (row machines)."""
