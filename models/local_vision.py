"""Models of transformers that look at a picture and write: captioners, visual question answering, small chat models.

hf:Salesforce/blip-image-captioning-base     writes a caption, asked nothing
hf:Salesforce/blip-vqa-base                  answers a short question
hf:HuggingFaceTB/SmolVLM-256M-Instruct       chats: has a template for conversations
hf:FOLDER                                    any of these, or what ``python -m models.tune caption`` saved
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from errors import ModelError
from models.prompts import CAPTION_SHORT
from models.quiet import quietly

Kind = Literal["caption", "question", "chat"]

MAX_NEW_TOKENS = {"caption": 100, "question": 100, "chat": 300}  # 200 words are about 300
TUNED = "question.txt"  # beside a tuned model: what it was asked most often


class LocalVisionModel:
    """A model by its folder or hub name, loaded on first use, once, by whichever thread comes first."""

    def __init__(self, path: str) -> None:
        folder = Path(path).expanduser()
        self._path = str(folder) if folder.is_dir() else path
        self.name = folder.resolve().name if folder.is_dir() else path
        self._lock = Lock()
        self._loaded: LoadedModel | None = None

    @property
    def loaded(self) -> LoadedModel:
        """Return the model with its processor.

        Raises:
            ModelError: it cannot be loaded.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = load(self._path)
            return self._loaded

    @cached_property
    def short_question(self) -> str:
        """Return what a tuned model was asked most often, "" for nothing; of others, a short question."""
        path = Path(self._path) / TUNED
        return path.read_text(encoding="utf-8").strip() if path.is_file() else CAPTION_SHORT

    def question(self, long: str) -> str:
        """Return what it is to be asked: what it was tuned on, else ``long`` for one that chats, a short question for one
        that answers, "" for one that captions.

        Raises:
            ModelError: it cannot be loaded.
        """
        if (Path(self._path) / TUNED).is_file():
            return self.short_question
        return {"chat": long, "question": self.short_question, "caption": ""}[self.loaded.kind]

    def answer(self, picture: bytes, question: str) -> tuple[str, int, int]:
        """Return what it says of an encoded picture, and the tokens it read, pictures not counted, and wrote.

        Raises:
            ModelError: it cannot be loaded, or fails on this picture.
        """
        from PIL import Image, UnidentifiedImageError

        loaded = self.loaded
        try:
            with Image.open(io.BytesIO(picture)) as opened, self._lock:
                return loaded.answer(opened.convert("RGB"), question)
        except (UnidentifiedImageError, OSError, ValueError, TypeError, RuntimeError, IndexError, KeyError) as error:
            raise ModelError(f"hf:{self.name} did not describe a picture ({type(error).__name__}: {error}).") from error


class LoadedModel:
    """A model and what turns pictures and words into its numbers."""

    def __init__(self, model: Any, processor: Any) -> None:
        self.model = model
        self.processor = processor
        self.tokenizer = getattr(processor, "tokenizer", processor)
        self.kind: Kind = _kind(_plain(model), processor)

    def inputs(self, images: Sequence[Any], questions: Sequence[str]) -> Any:
        """Return the tensors for ``images``, each with a question; "" asks nothing."""
        if self.kind == "chat":
            texts = [self.conversation(question) for question in questions]
            given = self.processor(images=[[image] for image in images], text=texts, padding=True, return_tensors="pt")
        elif any(questions):
            given = self.processor(images=list(images), text=list(questions), padding=True, return_tensors="pt")
        else:
            given = self.processor(images=list(images), return_tensors="pt")
        return given.to(self.model.device)

    def conversation(self, question: str) -> str:
        """Return the text of a chat about one picture, up to where the model begins to write."""
        content = [{"type": "image"}, {"type": "text", "text": question}]
        messages = [{"role": "user", "content": content}]
        return str(self.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))

    def answer(self, image: Any, question: str) -> tuple[str, int, int]:
        """Return what the model says, and the tokens it read and wrote."""
        import torch

        given = self.inputs([image], [question])
        with torch.inference_mode():
            written = self.model.generate(**given, max_new_tokens=MAX_NEW_TOKENS[self.kind], do_sample=False)[
                0
            ].tolist()
        asked = given["input_ids"][0].tolist() if "input_ids" in given else []
        said = _continuation(written, asked)
        return " ".join(self.tokenizer.decode(said, skip_special_tokens=True).split()), len(asked), len(said)


def _plain(model: Any) -> Any:
    """The model within what peft wraps around it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _kind(model: Any, processor: Any) -> Kind:
    if getattr(processor, "chat_template", None):
        return "chat"
    return "question" if "QuestionAnswering" in type(model).__name__ else "caption"


def _continuation(written: list[int], asked: list[int]) -> list[int]:
    """``written`` without the question, which most models repeat; BLIP begins with a mark of its own and drops the last."""
    for start in (asked, asked[:-1]):
        if len(start) > 1 and written[1 : len(start)] == start[1:]:
            return written[len(start) :]
    return written


def load(path: str) -> LoadedModel:
    """Load the model in a folder, or by its name on the hub; a folder with a LoRA adapter alone names its base itself.

    Raises:
        ModelError: it cannot be loaded, or is no model that looks at pictures and writes.
    """
    try:
        import torch
        import transformers

        with quietly():
            base = base_of(path)
            local = Path(base).is_dir()
            config = transformers.AutoConfig.from_pretrained(base, local_files_only=local)  # nosec B615  the user names it
            named = getattr(transformers, (config.architectures or [""])[0], None)
            maker: Any = (
                named if named is not None and hasattr(named, "generate") else transformers.AutoModelForImageTextToText
            )
            cuda = torch.cuda.is_available()
            model: Any = maker.from_pretrained(base, local_files_only=local, dtype="auto" if cuda else torch.float32)
            makes: Any = transformers.AutoProcessor
            processor = makes.from_pretrained(path, local_files_only=Path(path).is_dir())
            if base != path:
                model = _adapted(model, path)
            model = model.to("cuda" if cuda else "cpu").eval()
            if not hasattr(processor, "image_processor"):
                raise ValueError("it has no image processor")
    except ImportError as error:
        raise ModelError(
            f"The vision model hf:{path} needs a package that is not installed ({error}). Install what it names: pip install "
            "PACKAGE -c constraints.txt"
        ) from error
    except (OSError, ValueError, RuntimeError, AttributeError, KeyError, TypeError) as error:
        raise ModelError(
            f"The vision model hf:{path} cannot be loaded ({error}). Set VISION_MODEL to hf: and the folder or hub name of "
            "an image-to-text model of transformers, or unset it."
        ) from error
    return LoadedModel(model, processor)


def base_of(path: str) -> str:
    """Return the folder or name of the model that an adapter in ``path`` was made for; ``path`` where it holds none."""
    adapter = Path(path) / "adapter_config.json"
    if not adapter.is_file():
        return path
    return str(json.loads(adapter.read_text(encoding="utf-8"))["base_model_name_or_path"])


def _adapted(model: Any, path: str) -> Any:
    try:
        from peft import PeftModel
    except ImportError as error:
        raise ModelError(f"The tuned model hf:{path} needs peft: pip install peft -c constraints.txt") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a former name
        return PeftModel.from_pretrained(model, path)
