"""What an English speaker says to an assistant without asking its documents anything, and how one asks for a summary.

A message counts when all of its words are accounted for: "what documents do you have?" does, "what documents do I need for a
visa?" does not.
"""

from __future__ import annotations

import re
from typing import Literal

from records import Intent

Summarised = Literal["all", "this", "named", ""]  # what a summary is asked of

_GREETING = (
    r"hello|hi|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|welcome|nice to meet you"
    r"|how are you(?: doing)?(?: today)?|hello there|hi there|hey there"
)
_THANKS = (
    r"(?:many |ok(?:ay)? )?thank(?:s| you)(?: (?:so|very) much| a (?:lot|bunch|million)| again"
    r"| for (?:that|this|your help|the help|the answer))?|cheers|well done|good job"
    r"|that(?:'s| is| was) (?:very |really |so )?(?:helpful|great|good|perfect|nice|all)"
    r"|ok(?:ay)?|great|perfect|cool|nice|awesome|excellent|good ?bye|bye(?: bye)?|see you(?: later)?|got it|i see"
)
_ADDRESS = r"(?:please|assistant|bot|there|everybody|everyone|and|so|then|now|well|but|just|um+|ah+|oh)"
_DOCUMENT = r"(?:documents?|docs?|files?|sources?|pdfs?|papers?|texts?|web ?pages?|pages|materials?|things?)"
_PLACE = (
    r"(?:in )?(?:here|there|(?:the|this|your|my|our) (?:index|collection|library|corpus|knowledge base|data ?base|system"
    rf"|{_DOCUMENT}|folder))"
)
_HAVE = (
    r"(?:do you (?:have|know|hold|contain|use|cover)|have you(?: got)?|you have|can you (?:see|read|search|access|use)"
    r"|can i ask(?: you)?(?: about)?|do you have access to|(?:are|is) (?:available|loaded|indexed|stored|included|added|there"
    rf"|{_PLACE})|there are|are there)"
)
_HELP = (
    r"what can (?:you|i|we) (?:do|ask)(?: you)?(?: for (?:me|us))?(?: here| with (?:you|this))?",
    r"what (?:are you|do you do)(?: (?:able to do|good (?:at|for)|for|capable of))?(?: here)?",
    r"what (?:kinds? of |sorts? of )?(?:questions?|things?) can (?:i|we|you) (?:ask|answer)(?: you)?(?: here)?",
    r"who are you|what(?:'s| is) your name|how do you work|how can you help(?: me| us)?|how do i (?:start|begin|use you)",
    r"(?:what is|what's|how do (?:i|you) use|how does) (?:this|the) (?:page|app|tool|assistant|bot|program|site)(?: work)?",
    r"help(?: me)?|can you help(?: me| us)?|introduce yourself|tell me about yourself|what do you do",
)
_DOCUMENTS = (
    rf"(?:what|which)(?: (?:kinds?|sorts?|types?) of)?(?: other| all)?(?: my)? ?{_DOCUMENT} {_HAVE}(?: {_PLACE})?",
    rf"how many {_DOCUMENT} {_HAVE}(?: {_PLACE})?",
    r"(?:(?:can|could) you )?(?:list|show(?: me)?|name|give me(?: a list of)?|tell me)(?: me)?(?: all)?(?: of)?"
    rf"(?: the| your| my| our| available| which| what)* {_DOCUMENT}(?: {_HAVE}| in here| here)?",
    rf"do you have (?:any|some|my) {_DOCUMENT}|(?:are there|is there) any {_DOCUMENT}(?: {_PLACE})?",
    rf"what(?:'s| is| are) {_PLACE}|what do you (?:know|have)(?: about)?|what have you got",
    rf"what (?:are|is) (?:my|your|the|our) {_DOCUMENT}(?: about)?|(?:my|your|the|all)? ?{_DOCUMENT} (?:list|overview)",
)
_ASKING = r"(?:(?:can|could|would|will) you |i (?:want|need|would like|'d like)(?: you)?(?: to)? |let's )?"
_OF = (
    r"(?:a |an |me a |me an |the )?(?:very )?(?:short |brief |quick |one.paragraph )?"
    r"(?:summary|overview|outline|gist|synopsis|abstract|tl;?dr)"
)
_SUMMARY = (
    rf"{_ASKING}(?:summari[sz]e|sum up|recap|outline|tl;?dr)(?: for me| briefly| quickly)? (?P<what>.+)",
    rf"{_ASKING}(?:give|write|make|show|get|have|see)?(?: me| us)? ?{_OF}(?: of| for| about| on) (?P<what>.+)",
    r"what(?:'s| is| are) (?P<what>.+?) (?:all )?about",
    r"what(?:'s| is) (?:the (?:gist|content|contents|topic|subject) of|in) (?P<what>.+)",
    r"what does (?P<what>.+?) (?:say|contain|cover|deal with)",
)
_THIS = re.compile(
    r"(?:this|that|it|(?:this|the|that|my|our) (?:whole |entire )?(?:document|file|text|pdf|page|source|paper|article))"
)
_ALL = re.compile(
    rf"(?:everything|all|all {_DOCUMENT}|all(?: of)? (?:it|them|this)"
    rf"|(?:all )?(?:of )?(?:the|my|your|our|these|those) {_DOCUMENT}"
    rf"|(?:the|this) (?:collection|corpus|library)|what you have)(?: {_PLACE}| you have)?"
)
_TAIL = re.compile(
    r"(?:[\s,]+(?:please|for me|briefly|in short|in brief|in (?:a few|two|three|five) (?:sentences|words|lines)|now|today"
    r"|again|thanks|thank you|then))+$"
)
_ENDS = " \t\n.,;:!?…-–—()'\"“”‘’👋🙂😊🙏👍"
_OPENING = re.compile(rf"(?P<greeting>{_GREETING})\b|(?P<thanks>{_THANKS})\b|{_ADDRESS}\b", re.I)
_ARTICLE = re.compile(r"^(?:the|a|an|my|our|your|this|that|these|those)\s+", re.I)
# Words that name a kind of document, so that "the annual report" is one, and "Aldra Weir" a thing that one may speak of.
KINDS_OF_DOCUMENTS = frozenset(
    """document documents file files pdf report guide handbook manual paper article page book booklet brochure leaflet
    presentation slides deck spreadsheet workbook letter contract agreement policy minutes memo thesis study website site
    overview statement filing transcript catalogue catalog plan notes readme faq newsletter regulations""".split()
)
# Words that a file's name need not have: what any source is.
ANY_SOURCE = frozenset("document documents file files pdf page site website source docx html".split())
# Words by which a message may be no question after all, so that a model is worth asking.
_DOUBTFUL = re.compile(
    rf"\b(?:you|your|yourself|{_GREETING}|thanks?|documents?|files?|sources?|summar\w+|overview|gist|outline|recap)\b",
    re.I,
)


def small_talk(message: str) -> Intent:
    """Return what a message wants that asks the documents nothing; "question" for any other.

    >>> [small_talk(one) for one in ("Hello, what can you do?", "Thanks!", "What documents do you have?")]
    ['help', 'thanks', 'documents']
    >>> small_talk("What documents do I need for the boat licence?")
    'question'
    """
    said, rest = _opened(message)
    if not rest:
        return said or "question"
    if any(re.fullmatch(pattern, rest) for pattern in _HELP):
        return "help"
    if any(re.fullmatch(pattern, rest) for pattern in _DOCUMENTS):
        return "documents"
    return "question"


def summary_of(message: str) -> tuple[Summarised, str]:
    """Return of what a message asks a summary: of all documents, of the one at hand, or of a named one, with the words that
    may name it; ("", "") where it asks for none.

    >>> summary_of("Please summarise the annual report.")
    ('named', 'annual report')
    >>> summary_of("Who wrote the summary?")
    ('', '')
    """
    _, rest = _opened(message)
    for pattern in _SUMMARY:
        if match := re.fullmatch(pattern, rest):
            what = match["what"].strip(_ENDS)
            if _THIS.fullmatch(what):
                return "this", what
            if _ALL.fullmatch(what):
                return "all", ""
            return "named", _ARTICLE.sub("", what)
    return "", ""


def is_doubtful(message: str) -> bool:
    """Tell whether a message that no rule knows may still be no question, by a word that such messages have."""
    return bool(_DOUBTFUL.search(message))


def _opened(message: str) -> tuple[Intent | None, str]:
    """What a message opens with, thanks before a greeting, and the rest in small letters without polite words."""
    rest, said = message.lower().replace("’", "'").strip(_ENDS), None
    found: set[str] = set()
    while match := _OPENING.match(rest):
        found |= {name for name, value in match.groupdict().items() if value}
        rest = rest[match.end() :].lstrip(_ENDS)
    if rest:
        rest = _TAIL.sub("", rest).rstrip(_ENDS)
    if "thanks" in found:
        said = "thanks"
    elif "greeting" in found:
        said = "greeting"
    return said, rest  # type: ignore[return-value]
