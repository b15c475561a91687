"""Every number the matching is given and does not learn, with what it means and why.

None of them says how much a reference or a party is worth: that is learned from the two sides at
hand. They bound the cost, are where learning begins (a prior weighs as much as so many pairs), say
where a level of comparison ends, or what may be confirmed and shown.
"""

from __future__ import annotations

# What is compared: these bound the cost.

FAR_DAYS = 45
"""How far apart two lines of one amount may lie that share a party, a number or a rare word."""
NEAR_DAYS = 10
"""How far apart they may lie where they share nothing but the amount."""
CROWD = 80
"""Lines of one amount in the window beyond which it alone is no reason to compare."""
NEAR_CROWD = 60
"""The same of nearly an amount, where amounts may differ."""
FREQUENT = 20
"""Lines of one reference, or with a word, beyond which it says nothing about other amounts."""
RATIO_CROWD = 60
"""Lines of a party in the window beyond which the ratios of their amounts say nothing."""
COMMON_TOKEN = 400
"""Lines with a word beyond which it brings no pairs together."""
MOST_PAIRS = 4_000_000
"""Pairs that are compared at most: of more, those of the largest crowds are left out."""
LEARNED_PAIRS = 300_000
"""Pairs the shares are learned from: more give the same shares and cost time."""
DRAWN_PAIRS = 60_000
"""Pairs drawn at random to see how often unlike lines agree by chance."""
READ_FOR_CHANCE = 20_000
"""Lines of a side whose words are read although their reference tells who they go with."""
MOST_ACCOUNTS = 4_000_000
"""Pairs of accounts of two charts beyond which none are learned."""
LARGEST_COMPOSITE = 400
"""Lines beyond which what is said alike is a heading and no voucher."""
SUMS_ALIKE = 20
"""Lines of the amount a sum has beyond which it says nothing."""
MOST_SHARED = 24
"""Open lines of one reference beyond which it is no voucher but a heading."""
MOST_OF_PARTY = 100
"""Open lines of a party in a window beyond which no sum is looked for."""
MOST_ALIKE = 40
"""Names written like one beyond which it tells nobody apart, and no sum is looked for."""

# How long it is learned.

ROUNDS = 6
"""Steps of learning: the shares no longer move after four or five."""
LEARNING_ROUNDS = 20
"""Rounds of propagation in each: the shares move less than the probabilities do."""
ALIASES_AFTER = 1
"""The step after which the names that go together are looked for, for the steps that follow."""
SURE_PAIR = 0.99
"""Probability from which on a pair tells which names go together."""
SHARE_ROUNDS = 5
"""Steps in which the share of lines that differ, or are a sum, is learned."""
SUM_ROUNDS = 20
"""The same of sums that were looked for one by one: cheap, and slower to settle."""

# Where learning begins. Priors are counts: of so many pairs of one event, how many are like that.

FEWEST_LINES = 50
"""A side of fewer lines is taken for one of so many: what agrees there is no rarer."""
FOUND_PRIOR = (0.9, 10.0)
"""The share of lines with a partner of sides nobody has seen, and how many lines that weighs."""
LOST_OR_FOUND = (0.05, 0.98)
"""Between which the share of lines that have a partner is believed to lie."""
FIRST_DIFFERING, DIFFERING = 0.1, (0.001, 0.9)
"""The share of open lines that differ from their partner for a reason, and its bounds."""
FIRST_TOGETHER, TOGETHER = 0.003, (1e-4, 0.3)
"""The share of lines that are the sum of lines that say the same, and its bounds."""
FIRST_SUM, SUMS = 0.1, (1e-4, 0.9)
"""The share of lines that are meant to be a sum, of those it was looked for, and its bounds."""
REFERENCE_PRIOR = (0, 6, 1, 1, 0.5, 1.5)
"""Same form, same number, named in the text, nearly the same, other."""
REFERENCE_STRENGTH = 5.0
"""How many pairs the pooled shares weigh for two shapes of references seen seldom together."""
PARTY_PRIOR = (0, 6, 6, 4, 1.5, 0.7, 0.5, 0.3)
"""Tax id, name, beginning, like, somewhat like, same name with another tax id, other."""
WORDS_PRIOR = (3, 1, 1, 1, 1.0)
"""No word in common, a common one, and rarer ones."""
DAY_PRIOR = ((0, 6.0), (3, 1.0), (10, 0.2), (FAR_DAYS, 0.02))
"""So many days apart at most."""
DAY_STRENGTH = 10.0
FEW_GAPS, SMOOTHING = 2000, (0.05, 0.1, 0.7, 0.1, 0.05)
"""Pairs below which the days are smoothed over their neighbours, and how."""
CHANCE_PARTY = (0.01, 0.01, 0.01, 0.02, 0.1, 0.002, 0.85)
"""Of pairs of two events: as ``PARTY_PRIOR``."""
CHANCE_WORDS = (0.8, 0.15, 0.04, 0.009, 0.001)
"""Of pairs of two events: as ``WORDS_PRIOR``."""
CHANCE_NEAR = 0.01
"""Of pairs of two events with references of both: how many are nearly the same."""
CHANCE_STRENGTH = 50.0
"""How many pairs drawn at random these three weigh as much as."""
CHANCE_GAPS = 61
"""Days two lines of a file of a month can lie apart, for sides of few lines."""
NEIGHBOURHOOD, LEAST_REACH, LEAST_LINES = 0.05, 50, 0.5
"""How many lines have nearly an amount by chance is read from those this share of it away, at least
so many minor units, and is at least so many lines there.
"""
DAYS_OF_CHANCE = 21
"""Days within which a sum that is there by chance could be taken for one that is meant."""

# Bounds of a weight: a file may repeat its own errors.

LARGEST_REFERENCE, LARGEST_PARTY, LARGEST_ACCOUNT = 12.0, 8.0, 6.0
"""Log odds beyond which a reference, a party or an account adds nothing."""
LARGEST_MEAN, LEAST_MEAN = 8.0, -3.0
"""The same of what the lines of a sum say on average."""
LARGEST_CHILDREN = 60.0
"""Log odds beyond which it costs no more to take the lines of a sum from other partners."""
WORTH_OF_DAY = 0.5
"""How much of what the day says counts: the day of a sum is that of its last line, or of none."""
LARGEST_LOG_ODDS = 30.0
LEAST_SHARE = 1e-6
"""No level is impossible."""

# Where levels of comparison end; what a level is worth is learned.

RARE_WORD, TELLING_WORD, UNIQUE_WORD = 0.001, 0.02, 3
"""Shares of the lines, and lines, up to which a word is rare, telling, as good as unique."""
EQUAL, BEGINNING, LIKE, SOMEWHAT = 99, 94, 80, 55
"""Likeness of names, 0 to 100."""
LEARNED_NAME = 93
"""Names people matched are taken for alike, and never confirmed for that alone."""
NAMES_TOGETHER = (3, 0.95)
"""How often, and in what share of its sure pairs, a name goes with another to stand for it."""
NEAR_DIGITS = 4
"""Digits from which on a number may be another one with a slip in it."""
SHORT_NUMBER = 2
"""Digits of a number below which a text that has it names nothing."""
LONGEST_EVENT = 31
"""Days between the first and the last of lines that are one event."""
SUM_DAYS = (1, 3)
"""Windows a sum of a party is looked for in before the rule's own."""
RATIOS = (0.85, 1 / 0.85)
"""Between which the amounts of a pair lie that differ by a fee: more than that is none."""
RATIO_STEPS, RATIO_NEIGHBOURS = 20_000, 100
"""Ratios are told apart to a two-hundredth of a percent (a cent of an amount of two hundred), and
compared with so many beside them.
"""
FEWEST_RATIOS, STANDS_OUT, BEYOND = 6, 12, 4
"""A ratio stands out from so many different amounts on, that are so many times as many as its
neighbours have, and so many more.
"""
WITHIN_ROUNDING = 0.98
"""The share of the amounts of a ratio that are within the rounding that is told."""

# What is confirmed, proposed and shown.

CONTRADICTION = -1.5
"""Log odds of a disagreement below which no pair is confirmed, whatever else agrees."""
STANDS_UP = 3.0
"""Log odds a pair of one reference and amount has to reach alone to be kept out of the rest."""
ONE_OF_ITS_CLASS = 0.5
"""Least share of its class's probability a pair has itself: one that stands in, not just anyone."""
SURE_CHANCE = 0.004
"""A sum of one party or reference is confirmed where fewer combinations than this are expected to
give it by chance.
"""
MANY_LINES = 150_000
"""Lines beyond which sums of a party have to be less by chance to be confirmed."""
COMPLETE = 0.8
"""Share of the lines of a side that have to tell their party for its sums to be confirmed."""
TELLING_GROUPS = 30
"""Groups with a reference from which on they say how far apart the parts of a sum may lie."""
ONE_ACCOUNT = (0.9, 3)
"""The share of both accounts' pairs, and how many, from which on two accounts are one."""
MOST_CONFIDENT = 0.9999
"""No confidence is told as certainty, and no line is taken to be spoken for by more."""
FLOOR = 0.05
"""Least probability of what is proposed: two unrelated sides show next to nothing."""
ALTERNATIVE = 0.001
"""Least probability of what is shown beside what is proposed."""
ALTERNATIVES = 3
"""How many other possibilities of a line are kept."""
SUM_SCORE = 2.0
"""From these log odds on a proposed sum goes before proposed pairs."""
