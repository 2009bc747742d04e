"""What an OpenAI-compatible server says of itself, and whether there is one."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import SecretStr

SECONDS = 5.0  # for a server to answer


def served_models(address: str, key: SecretStr | None = None) -> list[dict[str, Any]]:
    """Return what the OpenAI-compatible server at ``address`` says of its models; [] when it does not answer, or for ""."""
    if not address:
        return []
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if isinstance(key, SecretStr) else {}
    try:
        listed = httpx.get(f"{address}/models", headers=headers, timeout=SECONDS).json()["data"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return []
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def no_server(label: str, address: str, key: SecretStr | None = None) -> str:
    """Return what to say when ``address`` answered to the chat model ``label`` with nothing that could be read: which
    addresses were tried, and the one that is right where that is found."""
    said = f"The chat model {label} did not answer: what is at {address} replies, but not as an OpenAI-compatible server does"
    if not address.endswith("/v1") and served_models(f"{address}/v1", key):
        return f"{said}; {address}/v1 does. Set CHAT_BASE_URL={address}/v1"
    tried = [f"{address}/chat/completions", f"{address}/models"]
    tried += [] if address.endswith("/v1") else [f"{address}/v1/models"]
    return (
        f"{said}; it may be a web page or a proxy's. Tried: {', '.join(tried)}. Set CHAT_BASE_URL to the address of the "
        "server itself, which ends in /v1 as a rule."
    )
