"""Whether the models that the settings name can be used, what they can do, and which others are at hand."""

from __future__ import annotations

import base64
import io
import time
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

import httpx
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from PIL import Image
from pydantic import BaseModel, Field

from config import Settings, secrets
from errors import ModelError
from models.caption import ChatCaptioner, load_captioner
from models.chat import load_chat_model
from models.chat.context_window import context_window
from models.chat.load import chat_model_name, models_of_groups
from models.chat.providers import PROVIDERS, install_line
from models.chat.served import served_models
from models.chat.structured import method_of, structured
from models.detect import TransformersDetector
from models.embed import embedder_for
from models.image_embed import SentenceTransformerImageEmbedder
from models.page_model import MultiVectorPageModel
from models.reader import TransformersReader
from models.rerank import reranker_for
from models.segment import TransformersSegmenter
from models.speech import transcribe
from records import Principal

OLLAMA = "http://127.0.0.1:11434"
WORD = "HERON"  # drawn into the picture that a model must read
PROMPT_TOKENS = 600  # that our prompts take besides the passages, with the question and what is known already


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one model."""

    role: str  # the setting that names it
    name: str
    reached: bool = False
    first_token_seconds: float | None = None
    structured_output: str = ""  # the method by which objects come, of models.chat.structured; "" when none do
    sees_pictures: bool | None = None  # None when it was not asked
    context_window: int | None = None  # tokens, where known
    problem: str = ""  # what is wrong, with the command or variable that mends it; "" when nothing is


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A model that is at hand, and what to do for it to be used."""

    reason: str
    lines: tuple[str, ...]  # commands, and variables to set


class _Words(BaseModel):
    """Words."""

    words: list[str] = Field(description="the words", min_length=1)


def check(settings: Settings) -> Iterator[Finding]:
    """Try every model that ``settings`` name, one after the other."""
    if settings.chat_model:
        yield check_chat_model("CHAT_MODEL", settings.chat_model, settings)
    if settings.decompose_model:
        yield check_chat_model("DECOMPOSE_MODEL", settings.decompose_model, settings)
    for group, _ in models_of_groups(settings):
        name = chat_model_name(Principal(groups=frozenset({group})), settings)
        yield check_chat_model(f"CHAT_MODEL_OF_GROUP {group}", name, settings)
    if settings.vision_model:
        captioner = load_captioner(settings)
        if isinstance(captioner, ChatCaptioner):
            yield check_chat_model("VISION_MODEL", settings.vision_model, settings)
        else:
            yield _loaded("VISION_MODEL", captioner.name, lambda: captioner.describe(drawn_word(WORD), ""))
    embed_name = settings.embed_model or "packaged all-MiniLM-L6-v2"
    yield _loaded(
        "EMBED_MODEL",
        embed_name,
        lambda: embedder_for(settings.embed_model, settings.embed_dimensions).embed_query("weir"),
    )
    reranker = reranker_for(
        settings.rerank_model, settings.rerank_url, secrets().get("RERANK_API_KEY", ""), settings.rerank_seconds
    )
    if reranker is not None:
        named = settings.rerank_model or settings.rerank_url
        yield _loaded("RERANK_MODEL", named, lambda: reranker.score("weir?", ["A weir."]))
    if settings.reader_model:
        reader = TransformersReader(settings.reader_model)
        yield _loaded("READER_MODEL", settings.reader_model, lambda: reader.read("weir?", ["A weir."]))
    picture = Image.open(io.BytesIO(drawn_word(WORD))).convert("RGB")
    whole = (0.0, 0.0, float(picture.width), float(picture.height))
    others: list[tuple[str, str, Callable[[str], object]]] = [
        (
            "IMAGE_EMBED_MODEL",
            settings.image_embed_model,
            lambda name: SentenceTransformerImageEmbedder(name).embed_pictures([picture]),
        ),
        ("PAGE_MODEL", settings.page_model, lambda name: MultiVectorPageModel(name).encode_question("weir")),
        ("DETECT_MODEL", settings.detect_model, lambda name: TransformersDetector(name).find(picture, ["word"])),
        ("SEGMENT_MODEL", settings.segment_model, lambda name: TransformersSegmenter(name).masks(picture, [whole])),
        ("SPEECH_MODEL", settings.speech_model, lambda name: transcribe(_silence(), name)),
    ]
    for role, name, use in others:
        if name:
            yield _loaded(role, name, partial(use, name))


def _silence() -> bytes:
    """A tenth of a second of it, as WAV."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setparams((1, 2, 16_000, 1_600, "NONE", ""))
        file.writeframes(bytes(3_200))
    return data.getvalue()


def check_chat_model(role: str, name: str, settings: Settings) -> Finding:
    """Load the chat model ``name`` and ask it for a sentence, for an object, and what stands in a picture."""
    try:
        model = load_chat_model(name, settings)
        seconds, text = _first_token(model)
        method = _structured(model)
    except ModelError as error:
        return Finding(role=role, name=name, problem=f"{error}{_served_instead(role, name, settings)}")
    sees = _sees(model)
    window = context_window(model, settings)
    return Finding(
        role=role,
        name=name,
        reached=True,
        first_token_seconds=round(seconds, 2),
        structured_output=method,
        sees_pictures=sees,
        context_window=window,
        problem=" ".join(_problems(role, text, sees, window, settings)),
    )


def _problems(role: str, text: str, sees: bool, window: int | None, settings: Settings) -> Iterator[str]:
    if not text.strip():
        more = 4 * settings.chat_max_tokens
        yield f"It answered with nothing. If it thinks before it answers, let it write more: CHAT_MAX_TOKENS={more}"
    if role == "VISION_MODEL" and not sees:
        yield "It does not read a word that is drawn in a picture. Name a model that sees: VISION_MODEL=provider:name"
    needed = settings.context_tokens + settings.chat_max_tokens + PROMPT_TOKENS
    if role.startswith("CHAT_MODEL") and window is not None and window < needed:
        room = max(500, window - settings.chat_max_tokens - PROMPT_TOKENS)
        yield (
            f"Its context window is smaller than the {needed:,} tokens that passages, prompt and reply may take. Set "
            f"CONTEXT_TOKENS={room}, or where the server can, CHAT_CONTEXT_WINDOW={-(-needed // 1024) * 1024}"
        )


def _served_instead(role: str, name: str, settings: Settings) -> str:
    served = [str(one.get("id")) for one in served_models(settings.chat_base_url.rstrip("/"))]
    if not served or name.removeprefix("openai:") in served:
        return ""
    return f" {settings.chat_base_url} serves {', '.join(served[:5])}: {role}=openai:{served[0]}"


def _first_token(model: BaseChatModel) -> tuple[float, str]:
    began = time.monotonic()
    first, text = 0.0, ""
    for chunk in model.stream("Name three rivers in one short sentence."):
        text += chunk.text
        first = first or (time.monotonic() - began if chunk.text else 0.0)
    return first or time.monotonic() - began, text


def _structured(model: BaseChatModel) -> str:
    found = structured(model, _Words, [HumanMessage("Which colours has the sky? Name two words.")])
    return method_of(model) if found else ""


def _sees(model: BaseChatModel) -> bool:
    content: list[str | dict[str, object]] = [
        {"type": "text", "text": "Which word is written in this picture? Answer with that word."},
        {"type": "image", "base64": base64.b64encode(drawn_word(WORD)).decode(), "mime_type": "image/png"},
    ]
    try:
        return WORD in str(model.invoke([HumanMessage(content=content)]).text).upper()
    except ModelError:
        return False


def drawn_word(word: str) -> bytes:
    """Return a PNG with ``word`` on white."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (320, 120), "white")
    ImageDraw.Draw(picture).text((30, 30), word, fill="black", font=ImageFont.load_default(size=56))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _loaded(role: str, name: str, use: Callable[[], object]) -> Finding:
    try:
        use()
    except ModelError as error:
        return Finding(role=role, name=name, problem=str(error))
    return Finding(role=role, name=name, reached=True)


def proposals(settings: Settings, keys: Mapping[str, str], ollama: str = OLLAMA) -> list[Proposal]:
    """Return which chat models could be used here: of Ollama on this machine, of the server that is set, and of providers
    whose key is set.

    Args:
        settings: one that names a chat model already gets no proposals.
        keys: variables of the environment that hold keys.
        ollama: where Ollama listens.
    """
    if settings.chat_model:
        return []
    found = []
    if settings.chat_base_url:
        names = [str(one["id"]) for one in served_models(settings.chat_base_url.rstrip("/")) if one.get("id")]
        if names:
            lines = (*_install("openai"), f"CHAT_MODEL=openai:{names[0]}")
            found.append(Proposal(reason=f"{settings.chat_base_url} serves {', '.join(names[:5])}", lines=lines))
    if names := _ollama_models(ollama):
        lines = (*_install("ollama"), f"CHAT_MODEL=ollama:{names[0]}")
        found.append(Proposal(reason=f"Ollama runs on this machine with {', '.join(names[:5])}", lines=lines))
    for name, provider in PROVIDERS.items():
        if provider.key and provider.key in keys:
            lines = (*_install(name), f"CHAT_MODEL={name}:NAME_OF_A_MODEL")
            found.append(Proposal(reason=f"{provider.key} is set", lines=lines))
    return found


def _install(provider: str) -> tuple[str, ...]:
    needs = PROVIDERS[provider]
    return () if find_spec(needs.module) else (install_line(needs.package),)


def _ollama_models(address: str) -> list[str]:
    """The chat models that Ollama has, newest first."""
    try:
        listed = httpx.get(f"{address}/api/tags", timeout=1.0).json()["models"]
        return [name for one in listed if "embed" not in (name := str(one["name"]))]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return []
