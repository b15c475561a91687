"""Every number the learned scorer is given and does not learn, with what it means and why.

None of them says how much a reference or a party is worth: that is learned from the two sides at
hand. Those of the first kind bound the cost; those of the second are where learning starts, and
weigh as much as so many pairs.
"""

from __future__ import annotations

FAR_DAYS = 45
"""How far apart two lines of one amount may lie that share a party, a number or a rare word."""
NEAR_DAYS = 10
"""How far apart they may lie where they share nothing but the amount."""
CROWD = 80
"""Lines of one amount in the window beyond which it alone is no reason to compare."""
MOST_PAIRS = 4_000_000
"""Pairs that are compared at most: of more, those of the largest crowds are left out."""
LEARNED_PAIRS = 300_000
"""Pairs the shares are learned from: more give the same shares and cost time."""
DRAWN_PAIRS = 60_000
"""Pairs drawn at random to see how often unlike lines agree by chance."""
COMMON_TOKEN = 400
"""Lines with a word beyond which it brings no pairs together."""
ROUNDS = 6
"""Steps of learning: the shares no longer move after four or five."""

FEWEST_LINES = 50
"""A side of fewer lines is taken for one of so many: what agrees there is no rarer."""
LOST_OR_FOUND = (0.05, 0.98)
"""Between which the share of lines that have a partner is believed to lie."""
FOUND_PRIOR = (0.9, 10.0)
"""The share of lines with a partner of sides nobody has seen, and how many lines that weighs."""
CHANCE_PARTY = (0.01, 0.01, 0.01, 0.02, 0.1, 0.002, 0.85)
"""Of pairs of two events: tax id, name, beginning, like, somewhat like, same name with another tax
id, other.
"""
CHANCE_WORDS = (0.8, 0.15, 0.04, 0.009, 0.001)
CHANCE_NEAR = 0.01
CHANCE_STRENGTH = 50.0
"""How many pairs drawn at random the shares of pairs of two events weigh as much as."""
CHANCE_GAPS = 61
"""Days two lines of a file of a month can lie apart, for sides of few lines."""
REFERENCE_PRIOR = (0, 6, 1, 1, 0.5, 1.5)
"""Of pairs of one event: same form, same number, named in the text, nearly the same, other."""
REFERENCE_STRENGTH = 5.0
"""How many pairs the pooled shares weigh for two shapes of references seen seldom together."""
PARTY_PRIOR = (0, 6, 6, 4, 1.5, 0.7, 0.5, 0.3)
"""Of pairs of one event: tax id, name, beginning, like, somewhat like, same name with another tax
id, other.
"""
WORDS_PRIOR = (3, 1, 1, 1, 1.0)
"""Of pairs of one event: no word in common, a common one, and rarer ones."""
DAY_PRIOR = ((0, 6.0), (3, 1.0), (10, 0.2), (FAR_DAYS, 0.02))
"""Of pairs of one event: how many lie so many days apart, at most."""
DAY_STRENGTH = 10.0
LARGEST_REFERENCE, LARGEST_PARTY = 12.0, 8.0
"""Log odds beyond which a reference or a party adds nothing: a file may repeat its own errors."""
LARGEST_ACCOUNT = 6.0
LARGEST_LOG_ODDS = 30.0

FLOOR = 0.05
"""Least probability of what is proposed: two unrelated sides show next to nothing."""
ALTERNATIVE = 0.001
"""Least probability of what is shown beside what is proposed."""
CONTRADICTION = -1.5
"""Log odds of a disagreement below which no pair is confirmed, whatever else agrees."""
STANDS_UP = 3.0
"""Log odds a pair of one reference and amount has to reach alone to be kept out of the rest."""
LARGEST_COMPOSITE = 400
"""Lines beyond which what is said alike is a heading and no voucher."""
