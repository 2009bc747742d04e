"""python -m models.tune caption : LoRA on a captioning, question-answering or chat model that sees (Hu et al. 2021,
https://arxiv.org/abs/2106.09685).

    image,question,answer
    pump.png,,A centrifugal pump with a cracked housing.
    gauge.jpg,what does the gauge read?,4.2 bar

The folder that is written holds the adapter, the processor and what was asked most often; VISION_MODEL=hf:FOLDER uses it. It
names the model it was made from, which must stay where it is.
"""

from __future__ import annotations

import argparse
import csv
import random
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from errors import ModelError, SettingsError
from models.local_vision import TUNED, LoadedModel, base_of, load
from models.prompts import CAPTION_SHORT
from models.tune.base import Tuner

IGNORED = -100  # labels that count for no loss, by torch's convention


@dataclass(frozen=True, kw_only=True)
class Example:
    """A picture and what is to be said of it."""

    image: Path
    question: str  # "" asks nothing, and of a model that must be asked a short question
    answer: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is tuned."""

    epochs: int = 10
    batch: int = 4  # examples a step
    rate: float = 2e-4  # the optimiser's learning rate
    rank: int = 8  # of the matrices that are added to each linear layer
    seed: int = 0


def read_examples(pictures: Path, answers: Path) -> list[Example]:
    """Return the examples of the CSV ``answers``, whose pictures lie in the folder ``pictures``.

    Raises:
        SettingsError: a file or column is missing, or a row has no answer.
    """
    try:
        with answers.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := {"image", "answer"} - set(rows.fieldnames or ()):
                raise SettingsError(f"{answers} has no column {sorted(missing)[0]!r}. It needs image,question,answer.")
            examples = [_example(pictures, answers, number, row) for number, row in enumerate(rows, start=2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{answers} cannot be read ({error}). It is a CSV file: image,question,answer.") from error
    if not examples:
        raise SettingsError(f"{answers} has no examples. Write a line image,question,answer for each picture.")
    return examples


def _example(pictures: Path, answers: Path, number: int, row: dict[str, str | None]) -> Example:
    image, question, answer = ((row.get(name) or "").strip() for name in ("image", "question", "answer"))
    path = pictures / image
    if not image or not path.is_file():
        raise SettingsError(f"{answers}, line {number}: there is no picture {path}.")
    if not answer:
        raise SettingsError(f"{answers}, line {number}: {image} has no answer.")
    return Example(image=path, question=question, answer=answer)


def tune(
    model: str,
    examples: Sequence[Example],
    out: Path,
    recipe: Recipe,
    tell: Callable[[int, float], None] = lambda epoch, loss: None,
) -> list[float]:
    """Tune ``model`` on ``examples``, save it in the folder ``out``, and return the mean loss of each epoch.

    Args:
        model: a folder or hub name, without "hf:".
        tell: is told each epoch, from 1, and its loss.

    Raises:
        ModelError: the model cannot be loaded, or peft is not installed.
        SettingsError: ``out`` is in use, or ``model`` is a tuned one.
    """
    if out.exists() and any(out.iterdir()):
        raise SettingsError(f"{out} is not empty. Choose a new folder.")
    if base_of(model) != model:
        raise SettingsError(f"{model} is tuned already. Tune {base_of(model)} on all examples together.")
    import torch

    loaded = load(model)
    tuned = LoadedModel(_with_lora(loaded.model, model, recipe), loaded.processor)
    trained = [parameter for parameter in tuned.model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=recipe.rate)
    default = "" if tuned.kind == "caption" else CAPTION_SHORT
    order = [replace(example, question=example.question or default) for example in examples]
    (asked, _), *_ = Counter(example.question for example in order).most_common()
    chance = random.Random(recipe.seed)
    losses = []
    tuned.model.train()
    for epoch in range(1, recipe.epochs + 1):
        chance.shuffle(order)
        total = 0.0
        for start in range(0, len(order), recipe.batch):
            part = order[start : start + recipe.batch]
            loss = batch_loss(tuned, part)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss.detach()) * len(part)
        losses.append(total / len(order))
        tell(epoch, losses[-1])
    tuned.model.save_pretrained(out)
    loaded.processor.save_pretrained(out)
    (out / TUNED).write_text(asked, encoding="utf-8")
    return losses


def _with_lora(model: Any, path: str, recipe: Recipe) -> Any:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise ModelError("Tuning needs peft: pip install peft -c constraints.txt") from error
    import torch

    torch.manual_seed(recipe.seed)
    modules = list(model.named_modules())
    # the layer that chooses the word stays: it is large, and often the embeddings themselves
    words = {id(module.weight) for _, module in modules if isinstance(module, torch.nn.Embedding)}
    words.add(id(getattr(model.get_output_embeddings(), "weight", None)))
    linear = [name for name, one in modules if isinstance(one, torch.nn.Linear) and id(one.weight) not in words]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a former name
        adapted = get_peft_model(model, LoraConfig(r=recipe.rank, lora_alpha=2 * recipe.rank, target_modules=linear))
    base = str(Path(path).resolve()) if Path(path).is_dir() else path
    for config in adapted.peft_config.values():
        config.base_model_name_or_path = base
    return adapted


def batch_loss(loaded: LoadedModel, examples: Sequence[Example]) -> Any:
    """Return the mean cross-entropy of the answers' tokens as a tensor; those of questions and padding do not count."""
    from PIL import Image

    images = []
    for example in examples:
        with Image.open(example.image) as opened:
            images.append(opened.convert("RGB"))
    loaded.tokenizer.padding_side = "right"
    given = {"caption": _caption, "question": _question, "chat": _chat}[loaded.kind](loaded, images, examples)
    return loaded.model(**given).loss


def _labels(ids: Any, attention: Any) -> Any:
    return ids.masked_fill(attention == 0, IGNORED)


def _caption(loaded: LoadedModel, images: Sequence[Any], examples: Sequence[Example]) -> dict[str, Any]:
    """Question and answer as one text, of which the question is given."""
    given = dict(loaded.inputs(images, [f"{one.question} {one.answer}".strip() for one in examples]))
    _begin(loaded, given["input_ids"])
    given["labels"] = _labels(given["input_ids"], given["attention_mask"])
    for row, example in enumerate(examples):
        if example.question:
            asked = len(loaded.tokenizer(example.question)["input_ids"]) - 1  # without the mark at the end
            given["labels"][row, :asked] = IGNORED
    return given


def _question(loaded: LoadedModel, images: Sequence[Any], examples: Sequence[Example]) -> dict[str, Any]:
    """The question is encoded, the answer decoded."""
    given = dict(loaded.inputs(images, [example.question for example in examples]))
    said = loaded.tokenizer([example.answer for example in examples], padding=True, return_tensors="pt")
    said = said.to(loaded.model.device)
    _begin(loaded, said["input_ids"])
    labels = _labels(said["input_ids"], said["attention_mask"])
    return given | {
        "decoder_input_ids": said["input_ids"],
        "decoder_attention_mask": said["attention_mask"],
        "labels": labels,
    }


def _chat(loaded: LoadedModel, images: Sequence[Any], examples: Sequence[Example]) -> dict[str, Any]:
    """The conversation as the model's template has it, then the answer and its end."""
    asked = [loaded.conversation(example.question) for example in examples]
    texts = [f"{text}{one.answer}{loaded.tokenizer.eos_token}" for text, one in zip(asked, examples, strict=True)]
    shown = [[image] for image in images]
    given = dict(loaded.processor(images=shown, text=texts, padding=True, return_tensors="pt").to(loaded.model.device))
    given["labels"] = _labels(given["input_ids"], given["attention_mask"])
    for row, (image, text) in enumerate(zip(shown, asked, strict=True)):
        given["labels"][
            row, : loaded.processor(images=[image], text=[text], return_tensors="pt")["input_ids"].shape[1]
        ] = IGNORED
    return given


def _begin(loaded: LoadedModel, ids: Any) -> None:
    """Let texts begin as BLIP begins to write them, which is not as its tokenizer does."""
    config = getattr(loaded.model.config, "text_config", None)
    if loaded.model.config.model_type == "blip" and config is not None:
        ids[:, 0] = config.bos_token_id


def _add_arguments(cli: argparse.ArgumentParser) -> None:
    recipe = Recipe()
    cli.add_argument("--model", required=True, metavar="M", help="folder or hub name of the model to start from")
    cli.add_argument("--pictures", required=True, type=Path, metavar="FOLDER", help="where the pictures lie")
    cli.add_argument("--answers", required=True, type=Path, metavar="FILE.csv", help="image,question,answer")
    cli.add_argument("--out", required=True, type=Path, metavar="DIR", help="new folder for the tuned model")
    cli.add_argument("--epochs", type=int, default=recipe.epochs, help="times through all examples (%(default)s)")
    cli.add_argument("--batch", type=int, default=recipe.batch, help="examples a step (%(default)s)")
    cli.add_argument("--rate", type=float, default=recipe.rate, help="learning rate (%(default)s)")
    cli.add_argument("--rank", type=int, default=recipe.rank, help="of the LoRA matrices (%(default)s)")
    cli.add_argument("--seed", type=int, default=recipe.seed, help="of order and first values (%(default)s)")


def _run(arguments: argparse.Namespace) -> str:
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    examples = read_examples(arguments.pictures, arguments.answers)
    recipe = Recipe(
        epochs=arguments.epochs, batch=arguments.batch, rate=arguments.rate, rank=arguments.rank, seed=arguments.seed
    )
    losses = tune(
        arguments.model.removeprefix("hf:"),
        examples,
        arguments.out,
        recipe,
        lambda epoch, loss: console.print(f"epoch {epoch} of {recipe.epochs}: loss {loss:.4f}"),
    )
    return (
        f"Tuned on {len(examples)} examples: loss {losses[0]:.4f} in the first epoch, {losses[-1]:.4f} in the last.\n"
        f"Use it: VISION_MODEL=hf:{arguments.out}"
    )


CAPTION = Tuner(
    summary="a captioning or question-answering model, by LoRA, on pictures with answers",
    add_arguments=_add_arguments,
    run=_run,
)
