"""What English words say about how a table is to be asked: operations, question words, bounds. Data, no rules.

Questions in other languages hold none of these words and are not computed.
"""

from __future__ import annotations

from text.tokens import STOPWORDS
from text.values import IRREGULAR, family

# Words that call for an operation, or for one that is not known ("refused"); "x y" is a phrase. Each has to be used by what
# is computed.
_CUES = {
    "count": "how many, number of, amount of, count, count of, times",
    "total": "total, total number of, total amount of, combined, sum, sum of, together, in all, in total, altogether",
    "different": "different, distinct, unique",
    "average": "average, average number of, mean",
    "difference": "difference, difference between, difference in, differ, by how many, by how much",
    "most": """most, highest, largest, greatest, biggest, longest, tallest, oldest, heaviest, maximum, max, best, top, latest,
        newest, most recent, most number of, highest number of, largest number of, greatest number of""",
    "least": """least, lowest, smallest, fewest, shortest, youngest, lightest, minimum, min, worst, earliest, least number of,
        lowest number of, fewest number of, least amount of, smallest number of""",
    "more": "more, higher, greater, larger, bigger, longer, taller, better, older, later, heavier",
    "less": "less, fewer, lower, smaller, shorter, worse, younger, earlier, lighter",
    "next": """after, right after, directly after, immediately after, just after, listed after, came after, next, below,
        directly below, listed below, following, followed, beneath""",
    "previous": """before, right before, directly before, immediately before, just before, listed before, came before,
        previous, previous to, prior to, above, directly above, listed above, preceding, preceded, ahead of""",
    "first": "first, 1st",
    "last": "last, final",
    "or": "or",
    "another": "other, another",
    "refused": """not, no, never, neither, none, without, consecutive, consecutively, in a row, each, per, every, second,
        third, percent, percentage, ratio, first place, second place, third place, at least, at most, same, besides,
        beside, except, excluding, other than, aside from, apart from""",
}
CUES: dict[tuple[str, ...], str] = {
    tuple(phrase.split()): kind for kind, some in _CUES.items() for phrase in some.split(",")
}
LONGEST = max(map(len, CUES))
_MEASURED = "more fewer less higher longer older taller larger bigger greater later earlier lower shorter"
CUES |= {("how", much, more): "difference" for much in ("many", "much") for more in _MEASURED.split()}
IN_TIME = frozenset(
    "latest newest earliest recent earlier later first before after prior since until between from".split()
)
HELPERS = frozenset(("count", "total", "different", "or", "another"))  # go with another operation

# Which of two sides of a number is meant; a comparative with "than" as the lists above have it.
BOUNDS: dict[tuple[str, ...], str] = {
    **{(*phrase, "than"): "more than" for phrase, kind in CUES.items() if kind == "more" and len(phrase) == 1},
    **{(*phrase, "than"): "less than" for phrase, kind in CUES.items() if kind == "less" and len(phrase) == 1},
    **dict.fromkeys([("over",), ("above",), ("after",), ("exceeding",), ("exceeded",), ("exceed",)], "more than"),
    **dict.fromkeys([("under",), ("below",), ("before",), ("prior", "to")], "less than"),
    **dict.fromkeys([("at", "least"), ("no", "less", "than"), ("no", "fewer", "than"), ("since",)], "at least"),
    **dict.fromkeys([("at", "most"), ("no", "more", "than"), ("up", "to"), ("until",)], "at most"),
}
OR_MORE = {kind: "at least" if kind == "more" else "at most" for kind in ("more", "less")}

QUESTION_WORDS = {
    "how": "how",
    "who": "who",
    "whom": "who",
    "whose": "who",
    "when": "when",
    "where": "where",
    **dict.fromkeys(("which", "what", "whats", "name", "list"), "which"),
}
EXTENTS = frozenset(
    "much long old far tall high fast large big heavy".split()
)  # behind "how": an amount, not a number of rows
AUXILIARIES = frozenset("is are was were do does did has have had".split())
LIST_WORDS = frozenset("listed list below above under chart table row".split())  # speak of the order of the rows
TIME_NOUNS = frozenset(family(word) for word in "year date day month time".split())
PLACES = frozenset(map(family, "location venue place city country town site region state county".split()))  # of "where"
SEVERAL = frozenset("list all names are were".split())  # let a question have several answers

EMPTY = frozenset(family(word) for word in STOPWORDS)
# Words that need no place in the table: of tables themselves, and verbs that say no more than "has" or "is".
LIGHT = frozenset(
    family(word)
    for word in """number total amount count table chart list row entry name tell give show time different other another only
    exactly together data information overall altogether currently ever actually also column word use occur attend come
    finish get take go receive achieve record hold rank earn participate compete appear include contain place one people
    person right directly immediately just out""".split()
)
ENDS_NOUN = frozenset(
    """is are was were be been did do does has have had will would can could in on at for from of with that who which whose
    where when by to than after before during between and or as above below over under there come comes
    appear appears has's total not""".split()
)
BEFORE_NOUN = frozenset("is are was were the of s".split())


def is_verb(word: str) -> bool:
    """Tell whether ``word`` looks like the past tense or participle of a verb."""
    return word in IRREGULAR or (word.endswith("ed") and len(word) > 4)
