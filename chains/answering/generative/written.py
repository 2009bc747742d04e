"""What a chat model wrote, read as Markdown: its sentences with the passages they cite, and the text to be shown again as it
was written, with marks of ours in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.prompts import NOT_FOUND
from text.tokens import sentences

# As asked for, and as models write it: "[2]", "[1, 3]", "【2】", "[Passage 2]", "[1] and [2]", "(see [2])".
_ONE = r"[\[【](?:passages?\s+|sources?\s+)?(?:-\d+|\d+(?:\s*,\s*\d+)*)[\]】]"
_SOME = rf"{_ONE}(?:[ \t]*(?:,|;|&|\band\b|\bor\b)[ \t]*{_ONE})*"
_MARK = re.compile(rf"[ \t]*(?:{_SOME}|\((?:see\s+)?{_SOME}\))", re.IGNORECASE)
_PASSAGE = re.compile(r"-?\d+")
# Where a sentence that says what it knows and what it does not falls apart.
_CLAUSE = re.compile(r";|,?\s+(?:and|but|while|whereas|although|though|however)\b,?", re.IGNORECASE)
_POINT = re.compile(r"[.:)](?=[ \t])")
_DIVIDER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")  # between a table's header and its rows
_PREFIX = re.compile(r"\s*(?:>\s*)*(?:(?:[-*•+]|\d{1,3}[.)])\s+)?(#{1,6}\s+)?")
_NUMBER_OF_ITEM = re.compile(r"\(?\d{1,3}[.)]")  # of a list that is written on in one line
_BOLD = re.compile(r"\s*\*\*[^*]+\*\*:?\s*|\s*__[^_]+__:?\s*")
_EMPHASIS = re.compile(r"\*\*|__|`")
_LETTER = re.compile(r"[^\W_]")
_NUMBER_AND_WORDS = re.compile(r"^(?=.*\d)(?:.*?\b[^\W\d_]+\b){2}", re.DOTALL)
_SAYS_NOT_FOUND = re.compile(rf"\b{NOT_FOUND}\b")
_ENDS = (".", "!", "?", "…", "。", "！", "？", "|", "”", '"')


@dataclass(frozen=True)
class Sentence:
    """A sentence, or the row of a table, with where it stands in the plain text."""

    start: int
    end: int
    text: str  # what it says: without bullets and emphasis, cells divided by " | "
    citations: tuple[int, ...]  # passages, as the model numbers them
    behind: int  # where a mark of ours is put


@dataclass(frozen=True)
class Mark:
    """A mark of the model's: before which character of the plain text, with which passages, of which sentence."""

    at: int
    passages: tuple[int, ...]
    sentence: int | None  # None: of none, or of one that is no statement


@dataclass(frozen=True)
class Written:
    """A text without its marks."""

    plain: str
    sentences: tuple[Sentence, ...]
    marks: tuple[Mark, ...]

    def marked(self, names: Sequence[Mapping[int, int]], behind: Sequence[str]) -> str:
        """Return the text as it was written with marks by our numbers.

        Args:
            names: for each sentence our number of each passage it cites; a passage that has none loses its mark.
            behind: for each sentence the mark that is put behind it, "[3]"; "" for none.
        """
        put: list[tuple[int, str]] = []
        for mark in self.marks:
            known = names[mark.sentence] if mark.sentence is not None else {}
            if own := list(dict.fromkeys(str(known[n]) for n in mark.passages if n in known)):
                put.append((mark.at, f"[{', '.join(own)}]"))
        put += [(one.behind, more) for one, more in zip(self.sentences, behind, strict=True) if more]
        text, end = "", 0
        for at, shown in sorted(put, key=lambda item: item[0]):
            text += self.plain[end:at]
            text += f" {shown}" if text and not text[-1].isspace() else shown
            end = at
        return (text + self.plain[end:]).strip()


@dataclass(frozen=True)
class _Line:
    """A line of the plain text and what it is."""

    start: int
    text: str
    row: bool  # of a table, below its header
    silent: bool  # divider or header of a table, nothing but blanks
    last: bool  # nothing follows


def read(text: str, *, cut: bool = False) -> Written:
    """Return ``text`` with its statements.

    No statements, and so shown as they are, are headings, what leads to a list without a number in it, the head of a table,
    a question, and a sentence by which the model says that something is ``NOT_FOUND``; of one that says something else,
    too, that is the statement. With ``cut`` the text ends where the model's limit was: a sentence that is not whole ends in
    "…" and is no statement.
    """
    plain, raw = _unmarked(text)
    marked_at = [at for at, _, _ in raw]
    found: list[Sentence] = []
    broken = cut and bool(plain.strip()) and not plain.rstrip(" *_`\n").endswith(_ENDS)
    ranges: list[tuple[int, int, str, int]] = []
    silent: list[int] = []  # where sentences begin that are no statements
    for line in _lines(plain):
        held = any(line.start <= at <= line.start + len(line.text) for at, _, _ in raw)
        for start, end, said, behind in _said(line, held):
            if said.endswith(("?", "？")):
                silent.append(start)  # a question, often the one that was asked
            elif not says_not_found(said):
                ranges.append((start, end, said, behind))
            elif rest := _found_part(plain, start, end, [] if line.row else marked_at):
                ranges.append((start, end, rest, behind))
            else:
                silent.append(start)
    lost = ranges.pop()[0] if broken and ranges and ranges[-1][1] >= len(plain.rstrip()) else len(plain) + 1
    starts = [one[0] for one in ranges]
    owners = [_owner(starts, [*silent, lost], at, opens) for at, _, opens in raw]
    for position, (start, end, said, behind) in enumerate(ranges):
        own = (n for owner, (_, numbers, _) in zip(owners, raw, strict=True) if owner == position for n in numbers)
        found.append(Sentence(start, end, said, tuple(dict.fromkeys(own)), behind))
    plain = _SAYS_NOT_FOUND.sub(_said_small, plain)
    marks = tuple(Mark(at, numbers, owner) for owner, (at, numbers, _) in zip(owners, raw, strict=True))
    return Written(f"{plain.rstrip()} …" if broken else plain, tuple(found), marks)


def _unmarked(text: str) -> tuple[str, list[tuple[int, tuple[int, ...], bool]]]:
    """The text without marks; for each mark where it stood in that, its numbers, and whether it opens its line."""
    marks, plain, end = [], "", 0
    for match in _MARK.finditer(text):
        plain += text[end : match.start()]
        end = match.end()
        opens = _PREFIX.fullmatch(plain[plain.rfind("\n") + 1 :]) is not None
        if opens and (point := _POINT.match(text, end)):
            end = point.end()  # "[1]. Wind grew." or "[1]: Wind grew."
        rest = _MARK.sub("", text[end:].split("\n", 1)[0])
        passages = tuple(int(n) for n in _PASSAGE.findall(match[0]))
        marks.append((len(plain), passages, opens and bool(_LETTER.search(rest))))
    return plain + text[end:], marks


def _lines(plain: str) -> Iterator[_Line]:
    lines = plain.split("\n")
    in_table = False
    start = 0
    for position, line in enumerate(lines):
        following = lines[position + 1] if position + 1 < len(lines) else ""
        divides = "|" in line and in_table and _DIVIDER.fullmatch(line) is not None
        heads = "|" in line and not in_table and "|" in following and _DIVIDER.fullmatch(following) is not None
        in_table = heads or (in_table and "|" in line)
        last = not any(_LETTER.search(one) for one in lines[position + 1 :])
        yield _Line(start, line, in_table and not heads and not divides, heads or divides, last)
        start += len(line) + 1


def _said(line: _Line, held: bool) -> Iterator[tuple[int, int, str, int]]:
    """Start, end, words, and place for a mark of each statement of a line; ``held``: it has a mark."""
    if line.silent or not _LETTER.search(line.text):
        return
    if line.row:
        bare = line.text.rstrip()
        cells = [_EMPHASIS.sub("", cell).strip() for cell in bare.strip().strip("|").split("|")]
        inside = len(bare.removesuffix("|").rstrip())
        yield line.start, line.start + len(line.text), " | ".join(filter(None, cells)), line.start + inside
        return
    prefix = _PREFIX.match(line.text)
    assert prefix is not None  # it matches nothing at least
    if _is_heading(line, bool(prefix[1])) and not held:
        return
    body = line.start + prefix.end()
    for first, end in sentences(line.text[prefix.end() :]):
        said = _EMPHASIS.sub("", line.text[prefix.end() :][first:end]).strip()
        more = bool(_LETTER.search(line.text[prefix.end() :][end:]))
        if _LETTER.search(said) and not (more and _NUMBER_OF_ITEM.fullmatch(said)):
            yield body + first, body + end, said, body + end


def _is_heading(line: _Line, hashed: bool) -> bool:
    """Whether a line names or announces what follows it."""
    leads = _BOLD.fullmatch(line.text) or line.text.rstrip(" *_").endswith(":")
    return hashed or (not line.last and bool(leads) and not re.search(r"\d", line.text))


def _owner(starts: Sequence[int], silent: Sequence[int], at: int, opens: bool) -> int | None:
    """The statement that a mark at ``at`` belongs to, by where statements and ``silent`` sentences begin; None for one behind
    a silent sentence."""
    if opens:
        return next((position for position, start in enumerate(starts) if start >= at), None)
    before = max((start for start in (*starts, *silent) if start < at), default=None)
    return starts.index(before) if before in starts else None


def says_not_found(said: str) -> bool:
    """Tell whether by ``said`` a model says that something was not found: in the words it was given, or by these alone."""
    return NOT_FOUND in said or said.strip(" .!*_").upper() == NOT_FOUND


def _found_part(plain: str, start: int, end: int, marked_at: Sequence[int]) -> str:
    """What a sentence says besides that something was not found; "" where that is nothing that could be looked up. Its parts,
    divided by conjunctions and by marks, say something when the sentence cites, or when they have a number and words."""
    cuts = [at for at in marked_at if start < at <= end]
    edges = sorted({start, end, *cuts, *(start + one.start() for one in _CLAUSE.finditer(plain[start:end]))})
    kept = []
    for first, last in pairwise(edges):
        part = _CLAUSE.sub(" ", plain[first:last]) if first != start else plain[first:last]
        if NOT_FOUND not in part and (cuts or _NUMBER_AND_WORDS.search(part)):
            kept.append(_EMPHASIS.sub("", part).strip(" ,;.\t"))
    return " ".join(filter(None, kept))


def _said_small(match: re.Match[str]) -> str:
    """ "NOT FOUND" as people write it."""
    before = match.string[: match.start()].rstrip(" \t*_`>|-•(")
    small = NOT_FOUND.lower()
    return small.capitalize() if not before or before.endswith(("\n", *_ENDS)) else small
