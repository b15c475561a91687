"""The reconciliation engine: two sides as columns in, groups with a reason each and a proof out. No Qt, no database."""

from app.reconcile.matching import Group, Matching, MatchState, match
from app.reconcile.proof import Proof, prove
from app.reconcile.sides import Side, SideBuilder

__all__ = ["Group", "MatchState", "Matching", "Proof", "Side", "SideBuilder", "match", "prove"]
