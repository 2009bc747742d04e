"""Tools over an index for LangChain's agents, those that our own agent works with."""

from __future__ import annotations

from langchain_core.tools import BaseTool

from chains.answering.agent.desk import Desk
from chains.pipeline import resources_of
from config import Settings
from records import Scope
from store.index import Index


def tools(index: Index, settings: Settings, scope: Scope) -> list[BaseTool]:
    """Return ``search``, ``open_page``, ``table``, ``compute`` and ``neighbours`` over what ``scope`` allows, for
    ``create_agent`` and the like.

    What they return are passages numbered through from the first call on, so take new tools for each conversation.
    """
    return Desk(resources_of(index, settings), scope).tools()
