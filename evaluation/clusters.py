"""Clusters of questions that depend on each other: they share a document, directly or through other questions, or a
conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.packs import Question


def with_clusters(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return the questions, each with the name of its cluster: a connected component of the graph of shared documents.

    Intervals are drawn over clusters, because two questions on one document succeed and fail together.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for question in questions:
        first, *others = _documents(question)
        for other in others:
            # the name that comes first in the alphabet stands for all
            low, high = sorted((root(first), root(other)))
            parent[high] = low
    return tuple(replace(question, cluster=root(_documents(question)[0])) for question in questions)


def _documents(question: Question) -> list[str]:
    named = [question.conversation, question.document, *(one.source for one in question.evidence)]
    return [name for name in named if name] or [f"question {question.id}"]
