"""Embedding models by name: with prompts and cuts of their own, and a provider's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from http_server import serving
from tiny_text_models import save_sentence_transformer

from errors import ModelError
from models.embed import SentenceTransformerEmbedder, Tokenizer, embedder_for
from models.embed.base import unit
from models.quiet import quietly

PROMPTS = {"query": "query: ", "document": "passage text: "}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_sentence_transformer(
        tmp_path_factory.mktemp("model"), ["weir", "fish", "query", "passage", "text"], prompts=PROMPTS
    )


def test_questions_and_documents_have_the_models_own_prompts(folder: Path) -> None:
    embedder = embedder_for(str(folder))
    assert isinstance(embedder, SentenceTransformerEmbedder)
    plain = embedder.model.encode(["query: fish", "passage text: fish"])  # this model does not normalise
    question, document = embedder.embed_query("fish"), embedder.embed_documents(["fish"])[0]
    assert question == pytest.approx(unit(plain[0].tolist()), abs=1e-5)
    assert document == pytest.approx(unit(plain[1].tolist()), abs=1e-5)
    assert question != pytest.approx(document, abs=1e-2)


def test_a_prompt_takes_its_tokens_from_the_window(folder: Path) -> None:
    assert Tokenizer(str(folder)).limit == 64 - 2 - 3  # "passage", "text" and ":"


def test_the_first_dimensions_are_kept_at_unit_length(folder: Path) -> None:
    whole, cut = embedder_for(str(folder)), embedder_for(str(folder), 3)
    (vector,) = cut.embed_documents(["fish weir"])
    assert vector == pytest.approx(unit(whole.embed_documents(["fish weir"])[0][:3]), abs=1e-5)
    assert len(cut.embed_query("fish")) == 3
    assert cut.fingerprint != whole.fingerprint


def test_prompts_are_part_of_the_fingerprint(folder: Path) -> None:
    before = SentenceTransformerEmbedder(str(folder)).fingerprint
    path = folder / "config_sentence_transformers.json"
    text = path.read_text()
    path.write_text(text.replace("query: ", "quest: "))  # as long as before
    assert SentenceTransformerEmbedder(str(folder)).fingerprint != before
    path.write_text(text)


def test_a_provider_embeds(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langchain_ollama", reason="pip install langchain-ollama")

    def answer(path: str, headers: dict[str, str], said: Any) -> tuple[int, Any]:
        assert (path, said["model"]) == ("/api/embed", "letters")
        return 200, {"embeddings": [[float(text.count(letter)) for letter in "abc"] for text in said["input"]]}

    with serving(answer) as address:
        monkeypatch.setenv("OLLAMA_HOST", address)
        embedder = embedder_for("ollama:letters", 2)
        assert embedder.embed_documents(["aaabbbbc", "b"]) == [pytest.approx([0.6, 0.8]), [0.0, 1.0]]
        assert embedder.embed_query("ac") == [1.0, 0.0]
    assert (embedder.name, embedder.tokenizer.count("four")) == ("ollama:letters", 2)  # 4 bytes of 3
    assert embedder.fingerprint != embedder_for("ollama:letters").fingerprint
    with pytest.raises(ModelError, match=r"'ollama:letters' did not answer \(\w+\)"):
        embedder.embed_documents(["a"])


def test_a_provider_without_its_package_or_unknown_is_named() -> None:
    with pytest.raises(ModelError, match=r"pip install langchain-mistralai -c constraints.txt"):
        embedder_for("mistralai:mistral-embed")
    with pytest.raises(ModelError, match=r"'nobody:x' cannot be used \(ValueError\)"):
        embedder_for("nobody:x")


def test_a_name_that_no_hub_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # else it waits for the network
    with pytest.raises(ModelError, match="'nobody/nothing' is no folder here"):
        Tokenizer("nobody/nothing").count("x")


def test_what_an_error_says_is_not_printed_beside_it(caplog: pytest.LogCaptureFixture) -> None:
    from huggingface_hub.utils import _http
    from sentence_transformers.util import file_io

    with quietly():
        file_io.logger.warning("Could not resolve the revision of 'absent'.")
        _http.logger.warning("Retrying in 1s [Retry 1/5].")
        file_io.logger.error("It is broken.")
    file_io.logger.warning("Something else.")
    assert caplog.messages == ["It is broken.", "Something else."]
