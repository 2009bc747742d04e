"""Closed classes of English words, and open ones by their commonest members."""

from __future__ import annotations

from text.tokens import STOPWORDS, stem

QUESTION_WORDS = frozenset("what who whom whose which when where why how what's who's".split())
AUXILIARIES = frozenset(
    """is are was were be been being am do does did done has have had having can could will would shall should may might
    must cannot don't doesn't didn't isn't aren't wasn't weren't can't won't couldn't wouldn't shouldn't""".split()
)
BE = frozenset("is are was were".split())
SUBJECTS = frozenset("i you he she it we they i'm i've i'd i'll you're they're we're it's".split())
PREPOSITIONS = frozenset("of in for on at by with from to about under during within between".split())
OTHER_FUNCTION_WORDS = frozenset(
    """towards toward besides without around like near per via among across upon onto behind beside despite beyond except
    since although though whether however yet ever never still even often usually really quite rather maybe perhaps
    please yes ok okay oh well vs versus that's there's""".split()
)
# What one is asked about is seldom called by one of these.
VERBS = frozenset(
    """get make go come take give know see say tell use find become keep let begin show need want mean help work start
    like call try ask happen affect compare describe explain discuss eat live play cost look put bring buy choose build
    create form cause prevent treat develop include differ lead run leave define write win grow lose think believe
    learn apply allow require suffer become increase reduce improve pay change provide hear feel relate base consider
    die kill stop exist contain share carry visit mention meet send read sell speak stand support produce serve own
    hold move turn follow involve occur""".split()
)
IRREGULAR = frozenset(
    """got made went came took taken gave given knew known saw seen said told found became kept began shown meant ate
    built brought bought chose led ran left wrote written won grew lost thought paid heard felt died met sent sold spoke
    held gone""".split()
)
VERB_STEMS = frozenset(map(stem, VERBS | IRREGULAR))
# Nouns that need an "of ...", and adjectives that tell nothing apart: by themselves they name no topic.
GENERIC = frozenset(
    """type kind sort cause symptom history role example benefit difference importance purpose origin cost way
    relationship meaning definition pro con fact information list name number part reason effect impact treatment risk
    side process use function option advantage disadvantage characteristic feature thing time year day people person
    someone level amount lot set group case place factor problem issue important common different good best main new
    other first last next second third major popular interesting famous possible better typical similar high low large
    small great modern early many most more less long term one ones two three several powerful unique available
    particular general certain special""".split()
)
GENERIC_STEMS = frozenset(map(stem, GENERIC))
FUNCTION_WORDS = STOPWORDS | QUESTION_WORDS | AUXILIARIES | SUBJECTS | PREPOSITIONS | OTHER_FUNCTION_WORDS
# The commonest words of languages that a question may well be in; German, French, Spanish, Italian, Portuguese, Dutch.
FOREIGN_WORDS = frozenset(
    """der das den dem des und ist sind ein eine einen mit von zu für auf nicht wer wie wo wann welche welcher warum hat
    es im am
    le la les un une et est sont que qui quel quelle quels du au aux dans pour sur avec pas où combien comment y a-t-il
    ce
    el los las lo del al en por para con no se su qué quién cuál cuándo dónde cuánto cómo hay era
    il gli di che è sono e per non chi quale quando dove quanto della nel
    o os as um uma do da em não quem qual onde quantos como foi isso
    de het een van zijn op met voor niet wat hoe waar hoeveel welke heeft""".split()
)
SHARED_WORDS = FOREIGN_WORDS & FUNCTION_WORDS | {
    "in",
    "was",
    "die",
    "war",
    "an",
    "to",
    "me",
    "he",
    "so",
    "on",
    "or",
    "is",
}
# What is said in a conversation without asking anything.
INTERJECTIONS = frozenset(
    """thanks thank you hello hi hey ok okay great good nice cool fine yes no please sorry bye goodbye perfect well very
    much""".split()
)
