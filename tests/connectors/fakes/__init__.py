"""Stateful stand-ins for vendors on loopback, with each one's rules, limits and error shapes."""
