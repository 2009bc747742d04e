"""The embedder and its tokenizer: what is counted is what is read, and nothing is dropped unseen."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import chunk, document, put, text
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from errors import ModelError
from ingest.chunk.chunker import Window, chunk_document
from models.embed import SentenceTransformerEmbedder, Tokenizer, adapted
from records import Scope
from store.index import Index
from text.embedded import embedded_text


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_tokens_are_counted_without_the_special_ones() -> None:
    tokenizer = Tokenizer()
    assert tokenizer.limit == 254  # of 256
    assert [tokenizer.count(said) for said in ("", "weir", "the weir stood", "unbelievably", "5,079")] == [
        0,
        1,
        3,
        5,
        4,
    ]


def test_a_long_text_is_counted_to_its_end() -> None:
    assert Tokenizer().count("word " * 5000) == 5000


def test_texts_near_in_meaning_are_near(embedder: SentenceTransformerEmbedder) -> None:
    question = embedder.embed_query("How much did sales rise?")
    near, far = embedder.embed_documents(["Revenue grew by 15 per cent.", "The fish pass was rebuilt."])
    assert cosine(question, near) > cosine(question, far) + 0.2
    assert len(near) == 384
    assert math.isclose(cosine(near, near), 1.0, abs_tol=1e-5)
    assert embedder.embed_documents([]) == []


def test_indexes_of_the_packaged_model_stay_as_they_are(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.fingerprint == "06ab489f79f4"
    (vector,) = embedder.embed_documents(["Revenue grew by 15 per cent."])
    assert vector[:4] == pytest.approx([0.03588, 0.02114, -0.00909, -0.07196], abs=1e-4)
    assert embedder.embed_query("Revenue grew by 15 per cent.") == pytest.approx(vector, abs=1e-6)  # no prompts


def test_many_texts_are_embedded_as_each_by_itself(embedder: SentenceTransformerEmbedder) -> None:
    import torch

    threads = torch.get_num_threads()
    texts = [f"Turbine {n} was inspected. " * (1 + n % 5) for n in range(12)] + ["The weir stood still."] * 2
    together = embedder.embed_documents(texts)
    for text_, vector in zip(texts, together, strict=True):
        assert vector == pytest.approx(embedder.embed_documents([text_])[0], abs=1e-5)
    assert torch.get_num_threads() == threads  # other models have what they had


def test_the_model_reads_every_chunk_to_its_last_token(embedder: SentenceTransformerEmbedder) -> None:
    lines = [f"Turbine number {n} was inspected by the crew of the cooperative." for n in range(60)]
    window = Window(embedder.tokenizer.limit, embedder.tokenizer.count)
    chunks = chunk_document(document(elements=[text(*lines)]), {}, window)
    lengths = [len(embedder.model.tokenizer(embedded_text(chunk))["input_ids"]) for chunk in chunks]
    assert len(lengths) > 2
    assert max(lengths) <= embedder.model.max_seq_length == 256
    assert max(lengths) > 200  # the window is used, too
    fullest = embedded_text(chunks[lengths.index(max(lengths))])
    changed, last = embedder.embed_documents([fullest.rsplit(" ", 1)[0] + " zebra.", fullest])
    assert cosine(changed, last) < 0.9999


def test_the_fingerprint_tells_spaces_apart(embedder: SentenceTransformerEmbedder, tmp_path: Path) -> None:
    assert embedder.fingerprint == SentenceTransformerEmbedder().fingerprint
    (tmp_path / "config.json").write_text("{}")
    assert SentenceTransformerEmbedder(str(tmp_path)).fingerprint != embedder.fingerprint
    before = SentenceTransformerEmbedder(str(tmp_path)).fingerprint
    (tmp_path / "config.json").write_text('{"hidden_size": 12}')
    assert SentenceTransformerEmbedder(str(tmp_path)).fingerprint != before


def test_a_window_is_read_from_the_models_own_files(tmp_path: Path) -> None:
    assert Tokenizer(str(tmp_path)).limit == 254
    (tmp_path / "tokenizer_config.json").write_text('{"model_max_length": 1000000000000000019884624838656}')
    assert Tokenizer(str(tmp_path)).limit == 254
    (tmp_path / "tokenizer_config.json").write_text('{"model_max_length": 512}')
    assert Tokenizer(str(tmp_path)).limit == 510
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 128}')
    assert Tokenizer(str(tmp_path)).limit == 126


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"{tmp_path}.*EMBED_MODEL"):
        SentenceTransformerEmbedder(str(tmp_path)).embed_query("x")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="no usable tokenizer"):
        Tokenizer(str(tmp_path)).count("x")


class Letters(Embeddings):
    """A text embeds as how many a, b and c it has; counts how often it was asked."""

    def __init__(self, model: str = "") -> None:
        self.model = model
        self.asked = 0

    def embed_query(self, text: str) -> list[float]:
        self.asked += 1
        return [float(text.count(letter)) for letter in "abc"]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


def test_any_embeddings_can_be_adapted() -> None:
    letters = Letters()
    made = adapted(letters, name="letters", max_tokens=40, count_tokens=len)
    assert made.embed_documents(["aaabbbb", ""]) == [pytest.approx([0.6, 0.8, 0.0]), [0.0, 0.0, 0.0]]
    assert made.embed_documents([]) == []
    assert (made.name, made.tokenizer.limit, made.tokenizer.count("abc")) == ("letters", 40, 3)
    before = letters.asked
    assert made.embed_query("cc") == made.embed_query("cc") == [0.0, 0.0, 1.0]
    assert letters.asked == before + 1


def test_an_adapted_embedder_is_told_apart_by_its_name() -> None:
    assert adapted(Letters(), name="a").fingerprint == adapted(Letters(), name="a").fingerprint
    assert adapted(Letters(), name="a").fingerprint != adapted(Letters(), name="b").fingerprint
    assert (adapted(Letters()).name, adapted(Letters("small")).name) == ("Letters", "Letters small")
    assert adapted(Letters("small")).fingerprint != adapted(Letters("large")).fingerprint


def test_tokens_nobody_can_count_are_estimated_from_bytes() -> None:
    count = adapted(Letters()).tokenizer.count
    assert [count(text) for text in ("", "abcd", "abcdef", "风力")] == [0, 2, 2, 2]


def test_an_index_takes_any_embeddings(make_index: Callable[..., Index]) -> None:
    index = make_index(embedder=DeterministicFakeEmbedding(size=8))
    put(index, [chunk("the weir"), chunk("the mill", ordinal=1)])
    ((best, score),) = index.dense.search("the mill", 1, Scope())  # equal texts have equal vectors
    assert (best.id, score) == ("the mill", pytest.approx(1.0, abs=1e-5))
    assert make_index(embedder=index.embedder).embedder is index.embedder  # which is one already
