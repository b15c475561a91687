"""What invoices, credit notes, payments and their files have in common: how they are journaled,
what they ask of a map, and what a target has for them.
"""
