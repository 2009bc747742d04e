"""Random models of a few thousand weights, built and saved as real ones are, so that they load the real way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz0123456789.,?:")


def save_tokenizer(folder: Path, words: Sequence[str], *, limit: int = 64) -> Any:
    """Saves a WordPiece tokenizer of ``words`` and single letters, and returns it."""
    from transformers import BertTokenizerFast

    vocabulary = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), *words]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "vocab.txt"
    path.write_text("\n".join(dict.fromkeys(vocabulary)) + "\n")
    tokenizer = BertTokenizerFast(vocab=str(path), model_max_length=limit)
    tokenizer.save_pretrained(folder)
    return tokenizer


def bert_config(tokenizer: Any, **more: Any) -> Any:
    """A BERT of one layer of eight dimensions."""
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        **more,
    )


def save_bert(kind: str, folder: Path, words: Sequence[str] = (), **config: Any) -> Path:
    """Saves a random model of the class ``kind`` of transformers with its tokenizer, always the same one."""
    import torch
    import transformers

    torch.manual_seed(1)
    tokenizer = save_tokenizer(folder, words)
    getattr(transformers, kind)(bert_config(tokenizer, **config)).save_pretrained(folder)
    return folder


def save_sentence_transformer(
    folder: Path, words: Sequence[str] = (), *, prompts: dict[str, str] | None = None
) -> Path:
    """Saves a random SentenceTransformer of eight dimensions, with its own ``prompts``."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    bert = Transformer(str(save_bert("BertModel", folder / "bert", words)))
    model = SentenceTransformer(modules=[bert, Pooling(8)], prompts=prompts, device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"
