"""Ten questions over a folder of Office files, mails and books: what is answered, and which place is cited for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes import FakeEmbedder, put, settings_at
from langchain_core.runnables import Runnable

from chains.pipeline import build
from ingest.chunk.chunker import chunk_document, window_of
from ingest.connectors.registry import read_source
from ingest.parsers.registry import PARSERS, kind_of
from records import OPERATOR, Citation, Scope, Turn
from store.index import Index
from tests.office_folder import write
from text.cell_address import place


@dataclass(frozen=True)
class Asked:
    """The assistant over the folder."""

    assistant: Runnable[Turn, Turn]

    def cited(self, question: str) -> tuple[str, Citation]:
        """The answer, and its first citation."""
        turn = self.assistant.invoke(Turn(question=question, scope=Scope(principal=OPERATOR)))
        assert turn.citations, turn.answer
        return turn.answer, turn.citations[0]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, chroma_url: str) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("office")
    settings = settings_at(folder / "data", chroma_url)
    with Index(settings, FakeEmbedder()) as index:
        waiting = [str(path) for path in write(folder / "files")]
        for source in waiting:
            raw = read_source(source, settings)
            document = PARSERS[kind_of(raw)].parse(raw, assets=index.assets, settings=settings)
            waiting += document.attachments
            tables = {
                n: index.assets.put_table(one.table) for n, one in enumerate(document.elements) if one.table is not None
            }
            put(index, chunk_document(document, tables, window_of(index.embedder.tokenizer)), document)
        yield Asked(build(index, settings))


@pytest.mark.parametrize(
    ("question", "answer", "source", "where"),
    [
        ("When was the north crane built?", "1931", "harbour-plan.docx", "Harbour plan"),
        ("Where is the paint kept?", "south shed", "harbour-plan.docx", "Harbour plan"),
        ("What is the load of the South crane in winter?", "18", "harbour-plan.docx", "Harbour plan"),
        ("Who paid for the lock gate?", "Fishers' Guild", "harbour-plan.docx", "Harbour plan"),
        ("What did divers find below pier seven?", "a crack", "harbour-plan.docx", "Harbour plan"),
        ("How much was dredging in 2026?", "9100", "budget.xlsx", "Budget!"),
        ("Since when is Bo Falk warden?", "30 November 2024", "budget.xlsx", "Budget!"),
        ("How many ferry passengers a day were there on Weekends in Autumn?", "590", "ferry.pptx", "slide 3"),
        ("Where does the ticket office move?", "Sorrel Street", "ferry.pptx", "slide 3"),
        ("Who repairs the bilge pump?", "Tomas Reed", "pump.eml", "Pump repair"),
        ("Who is the supplier of the impeller?", "Norsk Marine", "parts.csv", "B2"),
        ("What was the lighthouse keeper called?", "Orla Penn", "tales.epub", "section 1"),
    ],
)
def test_an_answer_cites_the_place_that_says_it(
    asked: Asked, question: str, answer: str, source: str, where: str
) -> None:
    said, citation = asked.cited(question)
    assert answer in said
    assert citation.chunk.source.endswith(source)
    assert answer in citation.quote
    named = [place(citation.chunk, citation.bbox), citation.chunk.title, *citation.chunk.section]
    assert any(where in one for one in named), named
    assert citation.checked


def test_the_folder_is_written_as_files(tmp_path: Path) -> None:
    assert {path.suffix for path in write(tmp_path)} == {".docx", ".xlsx", ".pptx", ".eml", ".epub"}
