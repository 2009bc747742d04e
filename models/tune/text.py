"""python -m models.tune embed | rerank : an embedding model or a cross-encoder on questions with passages that answer them.

    {"question": "Who built the weir?", "positive": "Mira Quay built the weir.", "negatives": ["The weir is closed."]}

A line each, as python -m store labels FILE writes them from the labels of a data folder. EMBED_MODEL=FOLDER and then python
-m ingest --reembed, or RERANK_MODEL=FOLDER, uses the result.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ModelError, SettingsError
from models.quiet import quietly
from models.tune.base import Tuner

FORM = '{"question": "...", "positive": "...", "negatives": ["..."]}'
LEAST = 2  # questions: the passages of one are the negatives of another


@dataclass(frozen=True, kw_only=True)
class Example:
    """A question, a passage that answers it, and passages that seem to and do not."""

    question: str
    positive: str
    negatives: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is tuned."""

    epochs: int = 3
    batch: int = 16  # examples a step
    rate: float = 2e-5  # the optimiser's learning rate
    seed: int = 0


Tell = Callable[[int, float], None]  # is told each epoch, from 1, and its mean loss
Batch = list[tuple[str, ...]]  # texts of one example each, the question first


def read_examples(path: Path) -> list[Example]:
    """Return the examples in the JSONL file ``path``.

    Raises:
        SettingsError: it cannot be read, a line is of another form, or there are fewer than two questions.
    """
    if path.is_dir():
        raise SettingsError(
            f"{path} is a folder. Write its labels to a file first: python -m store labels labels.jsonl --data-dir {path}"
        )
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}). Name a JSONL file with lines like {FORM}.") from error
    examples = [_example(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    found = len({example.question for example in examples})
    if found < LEAST:
        raise SettingsError(f"{path} has {found} labelled questions, and {LEAST} are needed at the least.")
    return examples


def _example(path: Path, number: int, line: str) -> Example:
    try:
        row = json.loads(line)
        question, positive = row["question"].strip(), row["positive"].strip()
        negatives = tuple(text.strip() for text in row.get("negatives", []) if text.strip())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{path}, line {number} is not like {FORM}.") from error
    if not question or not positive:
        raise SettingsError(f"{path}, line {number}: question and positive may not be empty.")
    return Example(question=question, positive=positive, negatives=negatives)


def tune_embedder(
    model: str, examples: Sequence[Example], out: Path, recipe: Recipe, tell: Tell = lambda *_: None
) -> None:
    """Tune the SentenceTransformer ``model`` so that each question is nearer to its passage than to all others of its batch
    (Henderson et al. 2017, https://arxiv.org/abs/1705.00652), and save it in the folder ``out``.

    Raises:
        ModelError: the model cannot be loaded.
        SettingsError: ``out`` is in use.
    """
    _need_new(out)
    loaded = _loaded("SentenceTransformer", model)
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    loss = MultipleNegativesRankingLoss(loaded)
    prompts = loaded.prompts

    def loss_of(batch: Batch) -> Any:
        columns = list(zip(*batch, strict=True))
        uses = ["query", *["document"] * (len(columns) - 1)]
        features = [
            _on_device(loaded, loaded.preprocess(list(texts), prompt=prompts.get(use) or None))
            for texts, use in zip(columns, uses, strict=True)
        ]
        return loss(features, None)

    _train(loaded, triplets(examples, recipe.seed), recipe, loss_of, tell)
    loaded.save(str(out), create_model_card=False)


def tune_reranker(
    model: str, examples: Sequence[Example], out: Path, recipe: Recipe, tell: Tell = lambda *_: None
) -> None:
    """Tune the cross-encoder ``model`` to tell passages that answer from those that do not, by binary cross-entropy, and
    save it in the folder ``out``.

    Raises:
        ModelError: the model cannot be loaded.
        SettingsError: ``out`` is in use.
    """
    _need_new(out)
    loaded = _loaded("CrossEncoder", model, num_labels=1)
    import torch
    from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss

    loss = BinaryCrossEntropyLoss(loaded)
    labelled: dict[tuple[str, ...], float] = {}
    for question, right, wrong in triplets(examples, recipe.seed):
        labelled |= {(question, right): 1.0, (question, wrong): 0.0}

    def loss_of(batch: Batch) -> Any:
        questions, passages = (list(texts) for texts in zip(*batch, strict=True))
        return loss([questions, passages], torch.tensor([labelled[one] for one in batch], device=loaded.device))

    _train(loaded, list(labelled), recipe, loss_of, tell)
    loaded.save_pretrained(str(out))


def triplets(examples: Sequence[Example], seed: int) -> list[tuple[str, ...]]:
    """Return each question with a passage that answers and one that does not: each of its negatives, or where it has none the
    passage of another question, drawn by chance.

    Raises:
        SettingsError: every passage answers every question.
    """
    chance = random.Random(seed)
    right = {(one.question, one.positive) for one in examples}
    found = []
    for one in examples:
        wrong = [passage for passage in one.negatives if (one.question, passage) not in right]
        others = [other.positive for other in examples if (one.question, other.positive) not in right]
        if not wrong and others:
            wrong = [chance.choice(others)]
        found += [(one.question, one.positive, passage) for passage in wrong]
    if not found:
        raise SettingsError("There is nothing to learn: every passage answers every question. Label some that do not.")
    return list(dict.fromkeys(found))


def batches(rows: Sequence[tuple[str, ...]], size: int, chance: random.Random) -> Iterator[Batch]:
    """Yield ``rows`` by chance in batches in which no text comes twice: the passage of one question must not count as wrong
    for another that it answers, too."""
    made: list[tuple[Batch, set[str]]] = []
    for row in chance.sample(list(rows), len(rows)):
        for batch, texts in made:
            if len(batch) < size and texts.isdisjoint(row):
                batch.append(row)
                texts.update(row)
                break
        else:
            made.append(([row], set(row)))
    yield from (batch for batch, _ in made)


def _train(
    loaded: Any, rows: list[tuple[str, ...]], recipe: Recipe, loss_of: Callable[[Batch], Any], tell: Tell
) -> None:
    import torch

    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    optimiser = torch.optim.AdamW(loaded.parameters(), lr=recipe.rate)
    loaded.train()
    for epoch in range(1, recipe.epochs + 1):
        total = 0.0
        for batch in batches(rows, recipe.batch, chance):
            loss = loss_of(batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss.detach()) * len(batch)
        tell(epoch, total / len(rows))
    loaded.eval()


def _on_device(loaded: Any, features: dict[str, Any]) -> dict[str, Any]:
    return {name: value.to(loaded.device) if hasattr(value, "to") else value for name, value in features.items()}


def _need_new(out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        raise SettingsError(f"{out} is not empty. Choose a new folder.")


def _loaded(kind: str, name: str, **more: Any) -> Any:
    try:
        import sentence_transformers

        with quietly():
            return getattr(sentence_transformers, kind)(name, local_files_only=Path(name).is_dir(), **more)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{name!r} cannot be loaded as a {kind} ({' '.join(str(error).split())}). Name its folder or its name on the hub."
        ) from error


def _tuner(what: str, work: Callable[..., None], use: str) -> Tuner:
    def add_arguments(cli: argparse.ArgumentParser) -> None:
        default = Recipe()
        cli.add_argument("--labels", type=Path, required=True, metavar="FILE", help=f"JSONL, a line each: {FORM}")
        cli.add_argument("--model", required=True, metavar="M", help=f"{what} to start from: a folder or hub name")
        cli.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder for the tuned model")
        cli.add_argument("--epochs", type=int, default=default.epochs, help="times all examples are seen (%(default)s)")
        cli.add_argument("--batch", type=int, default=default.batch, help="examples a step (%(default)s)")
        cli.add_argument("--rate", type=float, default=default.rate, help="learning rate (%(default)s)")
        cli.add_argument("--seed", type=int, default=default.seed, help="of the order (%(default)s)")

    def run(arguments: argparse.Namespace) -> str:
        examples = read_examples(arguments.labels)
        recipe = Recipe(epochs=arguments.epochs, batch=arguments.batch, rate=arguments.rate, seed=arguments.seed)
        told: list[str] = []
        work(
            arguments.model,
            examples,
            arguments.out,
            recipe,
            lambda epoch, loss: told.append(f"epoch {epoch}: loss {loss:.4f}"),
        )
        return "\n".join([*told, use.format(out=arguments.out)])

    return Tuner(summary=f"{what} on questions with passages that answer them", add_arguments=add_arguments, run=run)


EMBED = _tuner(
    "a SentenceTransformer", tune_embedder, "Use it: EMBED_MODEL={out}, and once: python -m ingest --reembed"
)
RERANK = _tuner("a cross-encoder", tune_reranker, "Use it: RERANK_MODEL={out}")
