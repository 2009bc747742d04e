"""Rankings of units and gold units."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from evaluation.packs import Evidence, Pack, Question
from evaluation.systems import Location
from evaluation.units import Gold, dice_coefficient, gold_words, ranking

PLACES = (
    Location(source="a.pdf", page=2),
    Location(source="a.pdf", page=2, kind="table", table="t1"),
    Location(source="b.html"),
    Location(source="a.pdf", page=1),
    Location(source="b.html", kind="table", table="t2"),
    Location(source="p7"),
)


def question(*evidence: Evidence, **fields: object) -> Question:
    return Question(id="q", text="?", query="?", evidence=evidence, **fields)  # type: ignore[arg-type]


def test_a_unit_stands_where_its_best_chunk_does() -> None:
    assert ranking(PLACES, "page") == ["a.pdf p2", "b.html p1", "a.pdf p1", "p7 p1"]
    assert ranking(PLACES, "document") == ["a.pdf", "b.html", "p7"]
    assert ranking(PLACES, "table") == ["a.pdf tt1", "b.html tt2"]


def test_gold_units_at_each_level() -> None:
    gold = Gold(Pack(name="p", folder=Path(), documents=()))
    page = question(Evidence(source="a.pdf", page=3), Evidence(source="a.pdf", page=4))
    assert gold.units(page, "page") == {"a.pdf p3", "a.pdf p4"}
    assert gold.units(page, "document") == {"a.pdf"}
    assert gold.units(page, "passage") == gold.units(page, "image") == gold.units(page, "table") == frozenset()
    assert gold.units(question(Evidence(source="c.png", image="c.png")), "image") == {"c.png"}
    passages = (Evidence(source="p1", passage=True), Evidence(source="p2", passage=True))
    assert gold.units(question(*passages), "passage") == {"p1", "p2"}


def test_what_was_not_checked_is_not_scored() -> None:
    gold = Gold(Pack(name="p", folder=Path(), documents=()))
    unchecked = question(Evidence(source="a.pdf", page=3), evidence_complete=False)
    assert gold.units(unchecked, "page") == gold.units(unchecked, "document") == frozenset()
    assert not gold.units(question(Evidence(source="p1", passage=True), passages_complete=False), "passage")


def test_gold_tables_are_known_by_their_words(tmp_path: Path) -> None:
    page = tmp_path / "b.html"
    page.write_text('<table><tr><td>no</td></table><table class="wikitable"><tr><td>Oslo<td>1,000</table>')
    (tmp_path / "t.csv").write_text("City,People\nOslo,1000\n")
    pack = Pack(name="p", folder=tmp_path, documents=(page,))
    from_page = gold_words(pack, Evidence(source="b.html", table_index=0))
    assert from_page == Counter(["oslo", "1000"])
    from_csv = gold_words(pack, Evidence(source="b.html", table_index=0, table_csv="t.csv"))
    assert from_csv == Counter(["city", "people", "oslo", "1000"])
    # Dice: 2 * 2 words in common / (2 + 4)
    assert dice_coefficient(from_page, from_csv) == 2 * 2 / 6
    assert gold_words(pack, Evidence(source="b.html", table_index=5)) == Counter()
    assert dice_coefficient(Counter(), Counter()) == 0.0
