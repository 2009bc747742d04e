"""Where the figures behind a question's terms are printed, as the glossary knows it: of a margin, in the income statement."""

from __future__ import annotations

from records import Chunk
from text.glossary import Glossary, Section
from text.tokens import stem, words

MORE_WORDS = 8  # that a title may have beside its own: the name of a company, "consolidated", "(in thousands)"


def sections_for(question: str, glossary: Glossary) -> tuple[Section, ...]:
    """Return the sections of ``glossary`` that terms of ``question`` stand on."""
    asked = _stems(question)
    return tuple(one for one in glossary.sections if _says_any(one.terms, asked) and not _says_any(one.unless, asked))


def is_section(section: Section, chunk: Chunk) -> bool:
    """Tell whether ``chunk`` stands in that section itself, by its innermost heading, or the one above it where that is
    short, as the name of a company is."""
    return any(_is_title(section, heading) for heading in chunk.section[-2:])


def _is_title(section: Section, heading: str) -> bool:
    own = _stems(heading)
    return len(own) <= max(len(title.split()) for title in section.titles) + MORE_WORDS and _says_any(
        section.titles, own
    )


def _says_any(phrases: tuple[str, ...], text: list[str]) -> bool:
    joined = f" {' '.join(text)} "
    return any(f" {' '.join(_stems(phrase))} " in joined for phrase in phrases)


def _stems(text: str) -> list[str]:
    return [stem(word) for word in words(text)]
