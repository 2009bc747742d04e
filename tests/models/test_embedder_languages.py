"""Languages that an embedder was made for."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding

from models.embed import SentenceTransformerEmbedder, adapted, serves
from models.embed.files import languages_of


@pytest.mark.parametrize(
    ("card", "languages"),
    [
        ("---\nlanguage: en\n---\n# A model\n", {"en"}),
        ("---\nlanguage:\n- de\n- en\n---\n", {"de", "en"}),
        ("---\nlanguage:\n- multilingual\n- en\n---\n", set()),
        ("---\nlicence: mit\n---\n", set()),
        ("# A model without a head\n", set()),
        ("---\nlanguage: [en\n---\n", set()),  # no YAML
        (None, set()),
    ],
)
def test_a_model_card_says_the_languages(tmp_path: Path, card: str | None, languages: set[str]) -> None:
    if card is not None:
        (tmp_path / "README.md").write_text(card, encoding="utf-8")
    assert languages_of(str(tmp_path)) == languages


def test_the_packaged_model_was_made_for_english_and_a_setting_wins() -> None:
    assert SentenceTransformerEmbedder().languages == {"en"}
    told = SentenceTransformerEmbedder(languages=("en", "de"))
    assert serves(told, "de") and not serves(told, "zh")
    assert told.fingerprint == SentenceTransformerEmbedder().fingerprint  # the vectors are the same


def test_embeddings_of_others_serve_all_languages_unless_it_is_said() -> None:
    assert serves(adapted(DeterministicFakeEmbedding(size=4)), "zh")
    assert not serves(adapted(DeterministicFakeEmbedding(size=4), languages=("en",)), "zh")
