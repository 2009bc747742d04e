"""Where the figures behind a question's terms are printed, as the glossary knows it: of a margin, in the income statement."""

from __future__ import annotations

from records import Chunk
from text.glossary import Glossary, Section
from text.tokens import stem, words


def sections_for(question: str, glossary: Glossary) -> tuple[Section, ...]:
    """Return the sections of ``glossary`` that terms of ``question`` stand on."""
    asked = _stems(question)
    return tuple(one for one in glossary.sections if _says_any(one.terms, asked) and not _says_any(one.unless, asked))


def is_section(section: Section, chunk: Chunk) -> bool:
    """Tell whether ``chunk`` stands in that section itself: below a heading that holds one of its titles, or the name of a
    company below such a heading."""
    return any(_says_any(section.titles, _stems(heading)) for heading in chunk.section[-2:])


def _says_any(phrases: tuple[str, ...], text: list[str]) -> bool:
    joined = f" {' '.join(text)} "
    return any(f" {' '.join(_stems(phrase))} " in joined for phrase in phrases)


def _stems(text: str) -> list[str]:
    return [stem(word) for word in words(text)]
