"""Fetching recommended models: what of a repository is needed, and the lines that use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import ENVIRONMENT
from errors import ModelError, SettingsError
from models.__main__ import main
from models.fetch import Recommended, chosen, fetch, needed, recommended

SMALL = Recommended(
    name="small",
    what="x",
    repo="a/b",
    about_mb=1,
    licence="MIT",
    variable="EMBED_MODEL",
    value="hf:{folder}",
    then="go",
)


class FakeHub:
    """A hub of one repository; its files hold their names."""

    def __init__(self, *files: str) -> None:
        self._files = list(files)

    def files(self, repo: str) -> list[str]:
        assert repo == "a/b"
        return self._files

    def fetch(self, repo: str, file: str, folder: Path) -> None:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(file)


def test_weights_are_fetched_in_one_form_with_what_belongs_to_them(tmp_path: Path) -> None:
    hub = FakeHub(
        "README.md",
        "config.json",
        "1_Pooling/config.json",
        "model.safetensors",
        "pytorch_model.bin",
        "tf_model.h5",
        "onnx/model.onnx",
        "openvino/config.json",
        "vocab.txt",
    )
    assert fetch(SMALL, tmp_path, hub) == f"EMBED_MODEL=hf:{tmp_path}/models/small    # then: go"
    folder = tmp_path / "models" / "small"
    fetched = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert fetched == {"config.json", "1_Pooling/config.json", "model.safetensors", "vocab.txt"}
    assert needed(["pytorch_model.bin", "config.json", "rust_model.ot"]) == ["config.json", "pytorch_model.bin"]


def test_a_file_alone_is_fetched_where_one_is_named(tmp_path: Path) -> None:
    chat = Recommended(**{**vars(SMALL), "file": "q4.gguf", "value": "gguf:{folder}/q4.gguf", "then": ""})
    assert fetch(chat, tmp_path, FakeHub("q4.gguf", "q8.gguf")) == f"EMBED_MODEL=gguf:{tmp_path}/models/small/q4.gguf"
    assert [path.name for path in (tmp_path / "models" / "small").iterdir()] == ["q4.gguf"]


def test_the_table_is_whole() -> None:
    for name, model in recommended().items():
        assert model.name == name
        assert model.about_mb > 0 and model.licence and "/" in model.repo
        assert "{folder}" in model.value
        assert not model.file or model.value.endswith(model.file)
    variables = {model.variable for model in recommended().values()}
    assert {"EMBED_MODEL", "RERANK_MODEL", "READER_MODEL"} <= variables & set(ENVIRONMENT)


def test_a_name_that_is_not_there_is_named() -> None:
    assert [model.name for model in chosen(["reader", "embedder"])] == ["reader", "embedder"]
    assert len(chosen([])) == len(recommended())
    with pytest.raises(SettingsError, match=r"'riddler' is none of the recommended models. Choose from: embedder"):
        chosen(["riddler"])


def test_without_a_hub_the_command_says_what_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert main(["fetch", "reader", "--data-dir", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("reader: ")
    assert "CC-BY-4.0" in said.out
    assert "deepset/minilm-uncased-squad2 could not be fetched" in said.err
    assert "HF_ENDPOINT" in said.err
    assert main(["fetch", "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(recommended())


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    class Full(FakeHub):
        def fetch(self, repo: str, file: str, folder: Path) -> None:
            raise OSError(28, "No space left on device")

    with pytest.raises(ModelError, match=r"a/b could not be fetched \(No space left on device\)"):
        fetch(SMALL, tmp_path, Full("config.json"))


def test_what_was_not_verified_is_said_with_the_place_to_look() -> None:
    known = recommended()
    assert known["multilingual"].sentence().endswith("about 195 MB, Apache-2.0")  # both were
    reader = known["reader"]
    assert reader.sentence().endswith(f"(size and licence not verified: see https://huggingface.co/{reader.repo})")
    assert {what for one in known.values() for what in one.verified} <= {"size", "licence"}
