"""Sidecars that say who may read a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import AccessError
from ingest.__main__ import main
from ingest.connectors.sidecar import accesses
from records import GUEST, Access
from store.catalog import Catalog
from store.documents import Documents


def file(folder: Path, name: str, sidecar: str = "") -> str:
    path = folder / name
    path.write_text(f"# {name}\n\nThe weir stood still.\n")
    if sidecar:
        Path(f"{path}.meta.json").write_text(sidecar)
    return str(path)


def test_a_sidecar_is_heard_first(tmp_path: Path) -> None:
    own = file(tmp_path, "own.md", '{"groups": ["law", "user:alice"], "title": "what else is there is not ours"}')
    opened = file(tmp_path, "open.md", '{"groups": ["everyone"]}')
    plain = file(tmp_path, "plain.md")
    link = "https://example.org/a.md"
    said, problems = accesses([own, opened, plain, link], ["finance"])
    finance = Access(("finance",))
    assert said == {own: Access(("law", "user:alice")), opened: Access(), plain: finance, link: finance}
    assert problems == []
    assert accesses([own, plain, link], None) == ({own: Access(("law", "user:alice"))}, [])


@pytest.mark.parametrize(
    "sidecar",
    ["{", "[]", "{}", '{"groups": "law"}', '{"groups": []}', '{"groups": [1]}', '{"groups": ["a b"]}', "[" * 99_999,
     "x" * 100_001],
)  # fmt: skip
def test_one_that_cannot_be_used_keeps_its_file_out(tmp_path: Path, sidecar: str) -> None:
    broken, whole = file(tmp_path, "a.md", sidecar), file(tmp_path, "b.md")
    said, problems = accesses([broken, whole], ["law"])
    assert [problem.what for problem in problems] == [broken]
    assert "meta.json" in problems[0].why
    assert said == {whole: Access(("law",))}


def test_groups_that_cannot_be_used_stop_the_batch(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="No readers"):
        accesses([file(tmp_path, "a.md")], [""])


def test_a_batch_with_readers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, data = tmp_path / "docs", tmp_path / "data"
    folder.mkdir()
    secret, plain = file(folder, "secret.md", '{"groups": ["law"]}'), file(folder, "plain.md")
    broken = file(folder, "broken.md", "{")

    def hidden() -> frozenset[str]:
        catalog = Catalog(data / "catalog.sqlite")
        try:
            return Documents(catalog).hidden(GUEST)
        finally:
            catalog.close()

    assert main([str(folder), "--data-dir", str(data)]) == 1
    assert broken in capsys.readouterr().err.replace("\n", "")
    assert hidden() == {secret}
    assert main([plain, "--groups", "finance", "--data-dir", str(data)]) == 0  # unchanged, and closed
    assert hidden() == {secret, plain}
    Path(f"{secret}.meta.json").write_text('{"groups": ["everyone"]}')
    assert main([secret, "--data-dir", str(data)]) == 0
    assert hidden() == {plain}
