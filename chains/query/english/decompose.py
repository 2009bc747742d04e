"""A compound question becomes sub-questions, in English."""

from __future__ import annotations

import re

from chains.query.english.condense import PERSON, anaphor, condense
from text.english.names import names
from text.english.phrases import DETERMINERS, tokens
from text.english.words import AUXILIARIES
from text.tokens import STOPWORDS
from text.years import YEAR

_QUESTION_WORD = (
    r"(?:what|who|whom|whose|when|where|which|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"in what|in which|at what|by how)"
)
_CLAUSES = re.compile(
    rf"\s*(?:,|;)?\s+(?:and|but)\s+(?={_QUESTION_WORD}\b)|(?<=\?)\s+(?=\S)|(?<=[a-z\d%)]\?)(?=[A-Z][a-z]+\s)|"
    rf"\s*;\s+(?={_QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    rf"^(?P<lead>(?:for|in|at|on|among|under|during|regarding|concerning|as\s+for)\s[^,:;?]+[,:])\s+"
    rf"(?P<asked>(?={_QUESTION_WORD}\b).+)$",
    re.IGNORECASE | re.DOTALL,
)
_ASKS = re.compile(rf"\?$|^{_QUESTION_WORD}\b", re.IGNORECASE)
# What follows a question and says what it means stays with it; what says how to answer is nothing to look for.
_DEFINES = re.compile(
    r"\b(?:defined|definition|refers?\s+to|means?|stands?\s+for)\b|"
    r"^(?:please\s+)?(?:only|exclud\w+|includ\w+|assum\w+|suppos\w+|consider\w*|take|taking|ignor\w+)\b",
    re.IGNORECASE,
)
_YEARS = re.compile(
    rf"(?P<lead>\b(?:between|from|in|for|of|comparing)\s+)?(?P<first>(?:FY\s?|fiscal\s+(?:year\s+)?)?{YEAR})"
    r"\s*(?:,?\s*(?:and|to|vs\.?|versus|or|compared\s+(?:to|with))\s+)"
    rf"(?:(?:in|for)\s+)?(?P<second>(?:FY\s?|fiscal\s+(?:year\s+)?)?{YEAR})\b",
    re.IGNORECASE,
)
_NAMED = r"(?:the\s+)?[A-Z0-9][\w&.'’-]*(?:\s+(?:(?:of|the|de)\s+)?[A-Z0-9][\w&.'’-]*)*"
_PAIR = re.compile(
    rf"\b(?P<lead>(?:of|for|at|in|by|between|both(?:\s+[a-z]+)?|than|is|are|was|were|did|do|does|have|has|comes?\s+from),?\s+|,\s*)"
    rf"(?P<first>{_NAMED})\s*,?\s+(?:and|or|vs\.?|versus|compared\s+(?:to|with)|than)\s+(?P<second>{_NAMED})"
)
_COMPARING = re.compile(
    r"\b(?:compare|comparison|differ|difference|between|both|versus|vs\.?|than|respectively|earlier|later|older|younger|"
    r"more|less|fewer|higher|lower|larger|smaller|bigger|greater|longer|shorter|taller|better|worse|first|same|or|each)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"\b(?:compare\w*|differ\w*|chang\w+)\b", re.IGNORECASE)
_COMPARISON = re.compile(
    r"^(?:compare|(?:what\s+(?:is|was|are|were)|calculate|compute)\s+the\s+(?:difference|change)s?\s+(?:between|in))\s+",
    re.IGNORECASE,
)


def decompose(question: str) -> tuple[str, ...]:
    """Return the sub-questions of ``question``; a simple one is its own only one.

    Clauses joined by "and" that each ask something are split, then two years or two names that are compared. What stands
    before the first clause ("For visitors in winter: ...") is said of all of them.
    """
    about = _ABOUT.match(question)
    lead, asked = (about["lead"], about["asked"]) if about else ("", question)
    clauses = _clauses(asked, shortest=2 if lead else 3)
    if lead and clauses != [asked]:
        clauses = [f"{lead} {clause[:1].lower()}{clause[1:]}" for clause in clauses]
    elif lead:
        clauses = [question]
    found = [side for clause in clauses for side in _sides(clause)]
    return tuple(dict.fromkeys(found)) or (question,)


def _clauses(question: str, shortest: int) -> list[str]:
    parts = _asking([part.strip(" ,;") for part in _CLAUSES.split(question) if part and part.strip(" ,;")])
    if len(parts) == 1:
        return parts
    if not parts or any(len(part.split()) < shortest for part in parts) or not _ASKS.search(parts[0]):
        return [question]
    if any(_shares_subject(part) for part in parts[1:]):
        return [question]
    clauses = [parts[0]]
    for part in parts[1:]:
        pronoun = anaphor(part)
        if names(clauses[0]) and pronoun and not (pronoun.small in PERSON and clauses[0].lower().startswith("who")):
            part = condense(part, clauses[:1])  # what the first clause named, the others may only point at
        clauses.append(part)  # else it points at the answer to the first, which is not known yet
    return [part[:1].upper() + part[1:].rstrip("? .") + "?" for part in clauses]


def _shares_subject(clause: str) -> bool:
    """Whether a verb stands where a subject is needed: "... and is home to a lighthouse?"."""
    first, *others = tokens(clause)
    second = others[0] if others else first
    return first.small in AUXILIARIES and not (second.small in DETERMINERS | STOPWORDS or second.capital)


def _asking(parts: list[str]) -> list[str]:
    """The parts that ask something, each with what is said of it behind; what says how to answer is left out."""
    kept: list[str] = []
    for part in parts:
        if _ASKS.search(part) or not kept:
            kept.append(part)
        elif _DEFINES.search(part):
            kept[-1] = f"{kept[-1]} {part}"
    return kept


def _sides(clause: str) -> list[str]:
    compares = _COMPARING.search(clause) or _COMPARISON.search(clause)
    years = _YEARS.search(clause)
    if years and years["lead"] and years["lead"].strip().lower() in ("between", "from") and not _CHANGE.search(clause):
        return [clause]  # a range: "hired between 2019 and 2022"
    if years or _PAIR.search(clause):
        clause = _COMPARISON.sub("What is ", clause)
        years = _YEARS.search(clause)
    if years:
        first, second = years["first"], years["second"]
        lead = years["lead"] or ""
        put = "in " if lead.strip().lower() in ("between", "from", "comparing") else lead
        return [clause[: years.start()] + put + year + clause[years.end() :] for year in (first, second)]
    pair = _PAIR.search(clause)
    if pair and compares:
        if pair.start() > 0 and pair["lead"].strip() == ",":  # "Which is older, A or B?"
            head = clause[: pair.start()].rstrip(" ,")
            return [f"{head}: {side}?" for side in (pair["first"], pair["second"])]
        lead = "of " if pair["lead"].strip().lower() == "between" else re.sub(r"^both\s*", "", pair["lead"])
        sides = [
            clause[: pair.start()] + lead + side + clause[pair.end() :] for side in (pair["first"], pair["second"])
        ]
        return [side.rstrip(" .?") + "?" for side in sides]
    return [clause]
