"""What the documents state of settings and formats is what the code has."""

from __future__ import annotations

import re
from pathlib import Path

from chains.retrieval.sections import sections_for
from config import ENVIRONMENT, RETRIEVAL_STEPS
from text.glossary import load_glossary

ROOT = Path(__file__).parents[2]


def test_the_table_of_settings_names_each_variable_once() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([A-Z_]+)` \|", readme, re.MULTILINE)) == sorted(ENVIRONMENT)


def test_the_table_of_settings_names_the_steps_of_retrieval_in_their_order() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"of `{' '.join(RETRIEVAL_STEPS)}`" in readme


def test_the_example_of_a_glossary_can_be_used(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "lab.toml").write_text(example, encoding="utf-8")
    glossary = load_glossary((str(tmp_path / "lab.toml"),))
    found = [section.heading for section in sections_for("How high was the haemoglobin?", glossary)]
    assert found == ["complete blood count"]
