"""Fields of files and sidecars, filters, versions of a document, and what a source is about, from the file to the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chains.pipeline import build
from errors import FilterError, SourceError
from ingest.about import Gist, renew
from ingest.connectors.sidecar import accesses, own_fields
from ingest.pipeline import ingest
from ingest.show import as_json, stored
from ingest.workers import Loaded, Workers, load
from records import OPERATOR, Access, Principal, Scope, Turn
from store.fields import fields_of, matching, narrowed
from store.index import Index
from store.versions import versions_among
from tests.chat_models import Scripted

RULES = """
Dogs are to be kept on a lead in all parts of the harbour at all times of the day. Bicycles may be left at the gate beside the
office of the harbour master. Fires are forbidden on the piers and on the beach. Boats are moored by the crew of the harbour
alone. Waste is to be put into the bins behind the crane. Children under ten may not be left alone near the water.
"""


class Here(Workers):
    """Reads in this process, which is quicker than to start another."""

    def load(self, source: str, known_hash: str, password: str = "") -> Loaded:
        return load(source, self._settings, known_hash, password)

    def load_all(self, known_hashes: Mapping[str, str]) -> dict[str, Loaded]:
        return {}


def take_in(index: Index, *files: Path) -> list[str]:
    with Here(index.settings) as workers:
        return [one.status for one in ingest(index, [str(file) for file in files], workers=workers)]


def write(path: Path, text: str, **sidecar: Any) -> Path:
    path.write_text(text, encoding="utf-8")
    if sidecar:
        path.with_name(f"{path.name}.meta.json").write_text(json.dumps(sidecar), encoding="utf-8")
    return path


@pytest.fixture
def index(make_index: Callable[..., Index], tmp_path: Path) -> Index:
    """Harbour rules in two versions, and minutes."""
    index = make_index()
    first = write(tmp_path / "rules-v1.md", f"# Harbour rules\n\nA berth costs 30 euros a night in summer.\n{RULES}")
    second = write(tmp_path / "rules-v2.md", f"# Harbour rules\n\nA berth costs 40 euros a night in summer.\n{RULES}")
    minutes = write(
        tmp_path / "minutes.md",
        "---\nauthor: Jisoo Kim\ndate: 2024-03-01\n---\n# Minutes\n\nThe council bought a crane for the northern pier.\n",
        fields={"project": ["north", "crane"], "author": "Ada Lee"},
    )
    assert take_in(index, first, second, minutes) == ["added"] * 3
    return index


def test_fields_come_from_the_file_its_name_and_the_sidecar_which_wins(index: Index) -> None:
    fields = {Path(one.source).name: fields_of(one) for one in index.catalog.sources()}
    assert fields["rules-v2.md"]["version"] == ("2",)
    minutes = fields["minutes.md"]
    assert (minutes["author"], minutes["date"], minutes["project"]) == (
        ("Ada Lee",),
        ("2024-03-01",),
        ("north", "crane"),
    )
    assert minutes["kind"] == ("markdown",)


def test_another_sidecar_changes_the_fields_without_reading_the_source_again(index: Index, tmp_path: Path) -> None:
    minutes = tmp_path / "minutes.md"
    before = index.catalog.chunk_ids(str(minutes))
    assert take_in(index, minutes) == ["unchanged"]
    write(minutes, minutes.read_text(), fields={"project": "south"})
    assert take_in(index, minutes) == ["updated"]
    source = index.catalog.source(str(minutes))
    assert (
        source is not None
        and fields_of(source)["project"] == ("south",)
        and fields_of(source)["author"] == ("Jisoo Kim",)
    )
    assert index.catalog.chunk_ids(str(minutes)) == before


def test_a_filter_narrows_a_scope_and_says_what_there_is_when_it_cannot(index: Index) -> None:
    sources = index.catalog.sources()
    assert [Path(one.source).name for one in matching("date>=2024 project=crane", sources)] == ["minutes.md"]
    scope = narrowed(Scope(principal=OPERATOR), "version>1", index.documents)
    assert [Path(one).name for one in scope.sources or ()] == ["rules-v2.md"]
    with pytest.raises(FilterError, match=r"“autor”\. There are: .*author.*project"):
        matching("autor=Kim", sources)
    with pytest.raises(FilterError, match=r"No document has author=Park\. The field author is “Ada Lee”"):
        matching("author=Park", sources)
    with pytest.raises(FilterError, match="though some fulfil each"):
        matching("author=Lee version=2", sources)


def test_the_newer_of_two_versions_is_read_and_said(index: Index) -> None:
    assert [Path(one.source).name for one in versions_among(index.catalog.sources())[0]] == [
        "rules-v2.md",
        "rules-v1.md",
    ]
    chain = build(index, index.settings)

    def answer(question: str, **fields: Any) -> Turn:
        return chain.invoke(Turn(question=question, scope=Scope(principal=OPERATOR, **fields)))

    turn = answer("How much does a berth cost a night?")
    assert {Path(hit.chunk.source).name for hit in turn.hits} == {"rules-v2.md", "minutes.md"}
    assert "40 euros" in turn.answer and "30 euros" not in turn.answer
    assert "the newest version of “Harbour rules” (version 2). Not read: version 1." in turn.notices[0]
    assert turn.answer.startswith(turn.notices[0])

    turn = answer("How much does a berth cost a night in version 1?")
    assert "30 euros" in turn.answer and "an older version" in turn.notices[0]
    turn = answer("How much does a berth cost a night, in all versions?")
    assert {Path(hit.chunk.source).name for hit in turn.hits} >= {"rules-v2.md", "rules-v1.md"} and not turn.notices
    old = str(next(one.source for one in index.catalog.sources() if one.source.endswith("v1.md")))
    turn = answer("How much does a berth cost a night?", sources=(old,))
    assert "30 euros" in turn.answer and not turn.notices  # it alone was picked


def test_what_differs_in_neither_version_nor_date_or_says_other_things_is_no_version(
    make_index: Callable[..., Index], tmp_path: Path
) -> None:
    index = make_index()
    for name in ("report-2023.md", "report-2024.md"):  # of other years, with other words
        words = " ".join(f"{name[7:11]}word{n}" for n in range(200))
        write(tmp_path / name, f"# Annual report\n\n{words}\n")
    (tmp_path / "copies").mkdir()
    for name in ("rules.md", "copies/rules.md"):
        write(tmp_path / name, f"# Harbour rules\n{RULES}")
    files = [tmp_path / name for name in ("report-2023.md", "report-2024.md", "rules.md", "copies/rules.md")]
    assert take_in(index, *files) == ["added"] * 4
    assert versions_among(index.catalog.sources()) == []


def test_a_source_has_tags_and_a_summary_in_its_own_words_or_a_models(index: Index) -> None:
    rules = next(one for one in index.catalog.sources() if one.source.endswith("v2.md"))
    assert "harbour" in rules.about.tags[:4]
    assert all(sentence.strip(". ") in " ".join(RULES.split()) for sentence in rules.about.summary.split(". "))
    assert [one.source for one in matching("tag=harbour", index.catalog.sources())]
    shown = as_json(stored(rules.source, index.catalog, index.assets))
    assert (shown["fields"]["tag"], shown["summary"]) == (list(rules.about.tags), rules.about.summary)
    said = Gist(summary="What one may do at the harbour.", tags=["Rules", "harbour"])
    model = Scripted(answers={"Title: Harbour rules": said})
    about = renew(index, rules.source, model)
    assert about is not None
    assert (about.tags, about.summary) == (("rules", "harbour"), "What one may do at the harbour.")
    assert about.author and about.sketch == rules.about.sketch
    kept = index.catalog.source(rules.source)
    assert kept is not None and kept.about == about
    assert renew(index, "nothing.md") is None


def test_fields_without_groups_open_nothing_and_close_nothing(tmp_path: Path) -> None:
    file = str(write(tmp_path / "a.md", "x", fields={"year": 2024}))
    assert own_fields(file) == (("year", "2024"),)
    assert accesses([file], ["finance"]) == ({file: Access(("finance",))}, [])
    misspelt = str(write(tmp_path / "b.md", "x", fields={"year": 2024}, group=["finance"]))
    said, problems = accesses([misspelt], None)
    assert not said and "does not say who may read" in problems[0].why
    with pytest.raises(SourceError, match=r"'pages' is no field with a value\. Write"):
        own_fields(str(write(tmp_path / "c.md", "x", fields={"pages": {"first": 1}})))


def test_fields_come_back_with_what_was_removed(index: Index) -> None:
    minutes = next(one for one in index.catalog.sources() if one.source.endswith("minutes.md"))
    assert index.remove(minutes.source, for_good=False)
    assert index.removed.all(OPERATOR)[0].source.about == minutes.about
    assert index.removed.restore(minutes.source)
    back = index.catalog.source(minutes.source)
    assert back is not None and back.about == minutes.about


def test_the_source_whose_passages_are_nearest_is_related_as_far_as_it_may_be_read(
    make_index: Callable[..., Index], tmp_path: Path
) -> None:
    index = make_index()
    texts = {"a.md": "crane pier crane", "b.md": "crane pier boat", "c.md": "letter stamp envelope"}
    files = [write(tmp_path / name, f"{text}\n") for name, text in texts.items()]
    take_in(index, *files)
    related = index.dense.related(str(files[0]), 5, OPERATOR)
    assert str(files[0]) not in dict(related) and len(related) == 2
    scores = [score for _, score in related]
    assert scores == sorted(scores, reverse=True) and scores[0] <= 1.0001
    index.catalog.set_access(related[0][0], Access(("finance",)))
    assert [source for source, _ in index.dense.related(str(files[0]), 5, Principal())] == [related[1][0]]
    assert index.dense.related("nothing.md", 5, OPERATOR) == []
