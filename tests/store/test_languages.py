"""The lexical index over texts in several languages, and stores from before languages were told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fakes import agree, chunk, put

from records import OPERATOR, Scope
from store.index import Index
from store.lexical import LexicalIndex
from store.schema import SCHEMA_VERSION

MakeIndex = Callable[..., Index]
EVERYTHING = Scope()
TEXTS = {
    "en": "The dams of Paris are inspected by the town in spring.",
    "de": "Die Häuser am Staudamm gehören der Stadt Paris.",
    "es": "Las presas de la ciudad se revisan en primavera.",
    "ru": "Плотины осматривают весной.",
    "ar": "تفحص إدارة السدود كل ربيع.",
    "hi": "लड़कियों ने बाँध देखा।",
    "zh": "水坝每年春天检查一次。",
}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> LexicalIndex:
    index = LexicalIndex(tmp_path_factory.mktemp("words"))
    index.write([chunk(text, id=code, language=code) for code, text in TEXTS.items()], ())
    return index


def found(words: LexicalIndex, question: str, language: str) -> list[str]:
    return [id_ for id_, _ in words.search(question, 10, EVERYTHING, language=language)]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Which dam?", "en"),
        ("Wem gehört das Haus?", "de"),
        ("¿Cuándo se revisa la presa?", "es"),
        ("Когда осматривают плотину?", "ru"),
        ("متى تفحص الادارة السدود؟", "ar"),
        ("लड़की ने क्या देखा?", "hi"),
        ("谁检查水坝？", "zh"),
        ("水", "zh"),  # one letter is found in the pairs that it is part of
    ],
)
def test_a_question_finds_other_forms_of_its_words(words: LexicalIndex, question: str, language: str) -> None:
    assert found(words, question, language)[0] == language


def test_a_name_is_found_in_texts_of_every_language(words: LexicalIndex) -> None:
    assert sorted(found(words, "Paris", "en")) == ["de", "en"]  # the stems differ: "pari" in English, "paris" in German
    assert sorted(found(words, "Paris", "de")) == ["de", "en"]
    assert words.out_of_corpus(["Paris", "плотина", "Boeing"], EVERYTHING) == ("Boeing",)
    assert words.holds("Staudamm") and not words.holds("Boeing")


def test_rarity_is_told_for_the_stems_of_a_language(words: LexicalIndex) -> None:
    idf = words.idf(["水坝", "没有"])
    assert idf["水坝"] < idf["没有"]


SCHEMA_4 = (
    "DROP TABLE names; DROP TABLE removed; DROP TABLE removed_vectors; ALTER TABLE sources DROP COLUMN about;"
    "UPDATE meta SET value = '4' WHERE key = 'schema'; UPDATE chunks SET record = json_remove(record, '$.language');"
)


def test_a_store_from_before_languages_were_told_opens_and_is_searched(make_index: MakeIndex) -> None:
    index = make_index()
    put(index, [chunk(text, id=code, language=code) for code, text in TEXTS.items()])
    path, folder = index.catalog.path, index.folder
    index.close()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(SCHEMA_4)
    (folder / "words" / "meta.json").unlink()  # an index of other fields is written anew, as one that is gone
    again = make_index()
    hits = again.lexical.search("谁检查水坝？", 5, Scope(principal=OPERATOR), language="zh")
    assert [one.id for one, _ in hits] == ["zh"]
    assert {one.id: one.language for one in again.catalog.all_chunks()} == {code: code for code in TEXTS}
    assert again.catalog.meta("schema") == str(SCHEMA_VERSION)
    assert agree(again)


def test_a_text_without_letters_has_a_language_that_is_not_known(make_index: MakeIndex, tmp_path: Path) -> None:
    index = make_index()
    put(index, [chunk("1931 | 12 %", id="numbers")])
    (record,) = index.catalog.rows("SELECT record FROM chunks")
    assert json.loads(record[0])["language"] == ""
    assert [one.id for one, _ in index.lexical.search("1931", 5, Scope(principal=OPERATOR))] == ["numbers"]
