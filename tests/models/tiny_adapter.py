"""A LoRA adapter for one matrix of a model, written as a GGUF file: the format is that of llama.cpp
(https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), version 3."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

_STRING, _FLOAT = 8, 6  # types of values
_ALIGNED = 32  # bytes


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def write_adapter(path: Path, width: int, matrix: str = "blk.0.attn_q.weight", strength: float = 0.5) -> None:
    """Write an adapter of rank 4 with random numbers for a square ``matrix`` of a Llama of ``width``."""
    chance = np.random.default_rng(0)
    down = chance.normal(0, strength, (4, width)).astype("<f4")  # ggml counts dimensions from the innermost
    up = chance.normal(0, strength, (width, 4)).astype("<f4")
    known: list[tuple[str, int, bytes]] = [
        ("general.type", _STRING, _text("adapter")),
        ("general.architecture", _STRING, _text("llama")),
        ("adapter.type", _STRING, _text("lora")),
        ("adapter.lora.alpha", _FLOAT, struct.pack("<f", 4.0)),
    ]
    tensors = {f"{matrix}.lora_a": down, f"{matrix}.lora_b": up}
    data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(known))
    for name, kind, value in known:
        data += _text(name) + struct.pack("<I", kind) + value
    at = 0
    for name, values in tensors.items():
        rows, columns = values.shape
        data += _text(name) + struct.pack("<IQQIQ", 2, columns, rows, 0, at)
        at += values.nbytes
    data += bytes(-len(data) % _ALIGNED)
    path.write_bytes(data + b"".join(values.tobytes() for values in tensors.values()))
