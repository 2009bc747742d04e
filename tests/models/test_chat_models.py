"""Chat models by name."""

from __future__ import annotations

import pytest

from errors import ModelError
from models.chat import load_chat_model


@pytest.mark.parametrize("name", ["nonsense:model", "model without a provider", ""])
def test_a_model_that_cannot_be_loaded_is_named(name: str) -> None:
    with pytest.raises(ModelError, match=f"'{name}'"):
        load_chat_model(name)
