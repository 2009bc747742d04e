"""The models as the page shows them: which answers, sees, embeds and reranks, and what else was found on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from app.text import escaped
from chains.answering.base import EXTRACTIVE
from config import Settings, secrets
from models.chat.load import chat_model_name, models_allowed
from models.check import Proposal, proposals
from records import Principal

READER = "extractive reader, no model"


def model_name(name: str) -> str:
    """Return a model's name for people: of a file or folder without where it lies."""
    if name == EXTRACTIVE:
        return READER
    kind, colon, rest = name.partition(":")
    if name[:1] in "/.~":
        return PurePath(name).name
    return f"{kind}:{PurePath(rest).name}" if kind == "gguf" and colon else name


def model_choices(settings: Settings, principal: Principal) -> list[tuple[str, str]]:
    """Return label and value of the models that a conversation may choose, first "", which is the one of the settings."""
    default = _answers(settings, principal)
    return [(f"{default} (default)", ""), *((model_name(name), name) for name in models_allowed(principal, settings))]


def _answers(settings: Settings, principal: Principal) -> str:
    name = "" if settings.answerer == EXTRACTIVE else chat_model_name(principal, settings)
    return model_name(name) if name else READER


def panel_html(settings: Settings, principal: Principal, *, looks: bool) -> str:
    """Return which model does what; with ``looks``, also which others are at hand, for whoever may change the settings."""
    rows = [
        ("Answers", _answers(settings, principal) + (", with tools" if settings.answerer == "agent" else "")),
        ("Sees pictures", model_name(settings.vision_model) if settings.vision_model else "none"),
        ("Embeds", model_name(settings.embed_model) if settings.embed_model else "all-MiniLM-L6-v2, packaged"),
        ("Embeds pictures", model_name(settings.image_embed_model) if settings.image_embed_model else "none"),
        ("Reranks", model_name(settings.rerank_model or settings.rerank_url) or "learned weights, no model"),
        ("Hears", model_name(settings.speech_model) if settings.speech_model else "Whisper tiny.en, packaged"),
    ]
    if allowed := models_allowed(principal, settings):
        rows.insert(1, ("May be chosen", ", ".join(map(model_name, allowed))))
    body = "".join(f'<tr><th scope="row">{name}</th><td>{escaped(said)}</td></tr>' for name, said in rows)
    found = _found(proposals(settings, secrets())) if looks else ""
    return f'<div class="table-frame"><table class="models"><tbody>{body}</tbody></table></div>{found}'


def _found(found: Sequence[Proposal]) -> str:
    if not found:
        return ""
    items = "".join(
        f"<li>{escaped(one.reason)}. To use it:<pre>{escaped(chr(10).join(one.lines))}</pre></li>" for one in found
    )
    return f"<h4>Found on this machine</h4><ul>{items}</ul>"
