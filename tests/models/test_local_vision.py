"""Models of transformers that look at pictures: loaded as users' are, asked, and tuned."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from seeing import square
from tiny_vision import save_blip, save_llava

from config import Settings
from errors import ModelError, SettingsError
from models.caption import LocalCaptioner
from models.check import check
from models.local_vision import LocalVisionModel
from models.tune.__main__ import main
from models.tune.caption import Recipe, read_examples, tune

SETTINGS = Settings()
COLOURS = {"red": "#ff0000", "green": "#00ff00", "blue": "#0000ff", "yellow": "#ffff00"}
QUESTION = "what colour is it ?"


@pytest.fixture(scope="module")
def captioner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_blip(tmp_path_factory.mktemp("captioner"))


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_blip(tmp_path_factory.mktemp("answerer"), "BlipForQuestionAnswering")


@pytest.fixture(scope="module")
def chatter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_llava(tmp_path_factory.mktemp("chatter"))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pictures of one colour, and two files of what to say of them."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, colour in COLOURS.items():
        (folder / f"{name}.png").write_bytes(square(colour, (20, 20)))
    for file, question in (("captions.csv", ""), ("answers.csv", QUESTION)):
        with (folder / file).open("w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["image", "question", "answer"])
            rows.writerows([f"{name}.png", question, f"a {name} square"] for name in COLOURS)
    return folder


def test_each_kind_is_asked_what_it_understands(captioner: Path, answerer: Path, chatter: Path) -> None:
    models = [LocalVisionModel(str(path)) for path in (captioner, answerer, chatter)]
    assert [model.loaded.kind for model in models] == ["caption", "question", "chat"]
    assert [model.question("long") for model in models] == ["", "what does this picture show?", "long"]
    for model in models:
        text, _, written = model.answer(square("#ff0000"), model.question("long"))
        assert written > 0
        assert model.answer(square("#ff0000"), model.question("long"))[0] == text  # no chance in it


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("captioner", "captions.csv"),
        ("captioner", "answers.csv"),
        ("answerer", "captions.csv"),  # has to be asked something
        ("chatter", "answers.csv"),
    ],
)
def test_a_model_learns_four_pictures_and_is_used_by_its_folder(
    kind: str, file: str, pictures: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pytest.importorskip("peft", reason="tuning needs peft")
    base = request.getfixturevalue(kind)
    losses = tune(str(base), read_examples(pictures, pictures / file), tmp_path / "tuned", Recipe(epochs=60, rate=3e-3))
    assert losses[-1] < losses[0] / 2
    assert not (tmp_path / "tuned" / "model.safetensors").exists()  # the adapter alone
    tuned = LocalCaptioner(str(tmp_path / "tuned"), SETTINGS)
    said = {name: tuned.describe(square(colour, (20, 20)), "").text for name, colour in COLOURS.items()}
    assert said == {name: f"a {name} square" for name in COLOURS}


def test_the_command_tunes_and_says_how_to_use_it(
    captioner: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("peft", reason="tuning needs peft")
    out = tmp_path / "tuned"
    given = ["--model", str(captioner), "--pictures", str(pictures), "--answers", str(pictures / "captions.csv")]
    assert main(["caption", *given, "--out", str(out), "--epochs", "2"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("Tuned on 4 examples: loss ")
    assert said.out.endswith(f"Use it: VISION_MODEL=hf:{out}\n")
    assert "epoch 2 of 2: loss" in said.err
    assert main(["caption", *given, "--out", str(out)]) == 1
    assert "is not empty. Choose a new folder." in capsys.readouterr().err
    given[1] = str(out)
    assert main(["caption", *given, "--out", str(tmp_path / "again")]) == 1
    assert f"{out} is tuned already. Tune {captioner} on all examples together." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("image,question\nred.png,x\n", "has no column 'answer'"),
        ("image,question,answer\n", "has no examples"),
        ("image,question,answer\nred.png,,\n", "line 2: red.png has no answer"),
        ("image,question,answer\nred.png,,x\nnone.png,,x\n", "line 3: there is no picture"),
    ],
)
def test_examples_that_cannot_be_used_are_named(pictures: Path, tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(SettingsError, match=reason):
        read_examples(pictures, tmp_path / "bad.csv")


def test_what_is_no_vision_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=f"vision model hf:{tmp_path} cannot be loaded"):
        LocalCaptioner(str(tmp_path), SETTINGS).describe(square("#ff0000"), "")


def test_the_check_of_models_tries_one_that_runs_here(tmp_path: Path) -> None:
    found = next(check(Settings(vision_model=f"hf:{tmp_path}")))
    assert (found.role, found.name, found.reached) == ("VISION_MODEL", f"hf:{tmp_path.name}", False)
    assert f"The vision model hf:{tmp_path} cannot be loaded" in found.problem
