"""Bank statements by standard: OFX / QFX, SWIFT MT940, ISO 20022 CAMT.052, 053 and 054."""
