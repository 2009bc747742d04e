"""Descriptions of a document's pictures by a model. They stand beside a picture's caption and text, never instead of them."""

from __future__ import annotations

from dataclasses import replace

from errors import ModelError
from ingest.parsers.base import AssetSink
from models.caption import Captioner
from records import Document, Element, Loss


def with_descriptions(document: Document, assets: AssetSink, captioner: Captioner) -> Document:
    """Return ``document`` with a description at every picture; a picture the model fails on is a loss."""
    elements: list[Element] = []
    losses = list(document.losses)
    for element in document.elements:
        if element.kind == "image" and element.picture is not None:
            try:
                said = captioner.describe(assets.read(element.picture.asset))
                element = replace(element, description=said, author=captioner.model)
            except ModelError as error:
                losses.append(Loss(f"description of a figure on page {element.page}", str(error)))
        elements.append(element)
    return replace(document, elements=tuple(elements), losses=tuple(losses))
