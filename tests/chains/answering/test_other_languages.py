"""Questions in other languages than English, with an embedder that was made for English alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import read, retrieve
from fakes import FakeEmbedder, chunk, put, settings_at

from chains.answering.extractive.out_of_corpus import out_of_corpus_names, out_of_corpus_words
from chains.pipeline import resources_of
from chains.query.language import question_language
from models.embed import serves
from models.language import language_of
from records import Scope, SubAnswer
from store.index import Index
from text.support import alike, carries

EVERYTHING = Scope()
TEXTS = {
    "de": "Das Wehr am Talsee hat zwölf Tore. Das Wehr wurde 1931 von der Gemeinde Auental gebaut. Es dauerte drei Jahre.",
    "zh": "谷湖上的水坝有十二道闸门。水坝由安谷县于1931年建造。工程持续了三年。",
    "hi": "घाटी की झील के बाँध में बारह द्वार हैं। बाँध को आनंदपुर नगर ने 1931 में बनाया। काम तीन वर्ष चला।",
    "ar": "للسد على بحيرة الوادي اثنتا عشرة بوابة. بنت بلدية عنتال السد عام 1931. استمر العمل ثلاث سنوات.",
    "en": "The fish ladder beside the mill has nine pools. It was rebuilt by the angling club.",
}
QUESTIONS = {
    "de": ("Wer hat das Wehr gebaut?", "Auental"),
    "zh": ("谁建造了水坝？", "安谷县"),
    "hi": ("बाँध को किसने बनाया?", "आनंदपुर"),
    "ar": ("من بنى السد؟", "عنتال"),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    embedder = FakeEmbedder()
    embedder.languages = frozenset(("en",))  # type: ignore[attr-defined]
    with Index(settings_at(tmp_path_factory.mktemp("data")), embedder) as one:  # type: ignore[arg-type]
        for code, text in TEXTS.items():
            put(one, [chunk(text, source=f"{code}.md", id=code, language=language_of(text))])
        yield one


def answered(index: Index, question: str) -> SubAnswer:
    hits = retrieve(index, question, EVERYTHING, index.settings)
    return read(question, hits, index, index.settings)


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_question_is_answered_by_a_sentence_of_its_language(index: Index, language: str) -> None:
    question, answer = QUESTIONS[language]
    assert question_language(question) == language
    found = answered(index, question)
    assert found.outcome != "nothing"
    assert found.citations[0].chunk.id == language
    assert any(answer in one.quote for one in found.citations)


def test_the_embedder_has_no_vote_where_it_was_not_made_for_the_language(index: Index) -> None:
    assert not serves(index.embedder, "de") and serves(index.embedder, "en") and serves(index.embedder, "")
    german = retrieve(index, QUESTIONS["de"][0], EVERYTHING, index.settings)
    assert all("dense" not in dict(hit.ranks) for hit in german)
    english = retrieve(index, "How many pools has the fish ladder?", EVERYTHING, index.settings)
    assert english[0].chunk.id == "en"
    assert {hit.chunk.id for hit in english if "dense" in dict(hit.ranks)} == {"en"}


def test_one_made_for_all_languages_votes_in_each(index: Index, tmp_path: Path) -> None:
    with Index(settings_at(tmp_path), FakeEmbedder()) as other:  # type: ignore[arg-type]
        put(other, [chunk(TEXTS["de"], source="de.md", id="de", language="de")])
        hits = retrieve(other, QUESTIONS["de"][0], EVERYTHING, other.settings)
        assert "dense" in dict(hits[0].ranks)


def test_capitals_name_nothing_in_another_language(index: Index) -> None:
    resources = resources_of(index, index.settings)
    question = "In welchem Jahr wurde die Schleuse am Bergbach in Auental gebaut?"
    assert out_of_corpus_names(question, resources, EVERYTHING) == ()
    assert out_of_corpus_words(question, resources, EVERYTHING) == ("schleuse", "bergbach")
    assert out_of_corpus_names("Which weir did Boeing build in the valley?", resources, EVERYTHING) == ("Boeing",)


def test_a_citation_is_checked_by_the_words_of_its_script() -> None:
    passage = TEXTS["zh"]
    assert carries("安谷县建造了水坝。", passage, passage, alike)
    assert not carries("鱼梯有九个水池。", passage, passage, alike)
    assert carries("बाँध को आनंदपुर नगर ने बनाया।", TEXTS["hi"], TEXTS["hi"], alike)
    assert not carries("मछली की सीढ़ी टूट गई।", TEXTS["hi"], TEXTS["hi"], alike)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who built the weir?", "en"),
        ("EBITDA FY2018?", "en"),
        ("Wer hat das Wehr gebaut?", "de"),
        ("¿Quién construyó la presa?", "es"),
        ("水坝", "zh"),
        ("1931?", "en"),
    ],
)
def test_the_language_of_a_question(question: str, language: str) -> None:
    assert question_language(question) == language
