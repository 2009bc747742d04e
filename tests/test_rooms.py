"""The rooms of the house hold what tests/rooms.py says of them."""

from __future__ import annotations

import ast

import rooms


def test_no_room_imports_one_that_comes_later_and_none_go_in_circles() -> None:
    who = rooms.imports(rooms.modules(rooms.ROOT))
    assert rooms.forbidden(who) == []
    assert rooms.circles(who) == []


def test_a_forbidden_import_is_named() -> None:
    made_up = {
        "text.values": {"records", "models.embed"},
        "chains.query.condense": {"chains.retrieval.search"},
        "chains.retrieval.search": {"chains.query.condense", "chains.pipeline"},
        "app.page": {"chains.pipeline"},
    }
    assert rooms.forbidden(made_up) == [
        "chains.query.condense imports chains.retrieval.search: chains/retrieval comes after chains/query",
        "chains.retrieval.search imports chains.pipeline: chains/pipeline puts the rooms of chains together",
        "text.values imports models.embed: models comes after text",
    ]
    assert rooms.circles(made_up) == ["chains.query.condense, chains.retrieval.search import each other"]


def test_what_only_the_type_checker_sees_is_no_import() -> None:
    tree = ast.parse("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app.page\nimport records")
    assert list(rooms._imported(tree, {"app.page": None, "records": None})) == ["records"]  # type: ignore[dict-item]
