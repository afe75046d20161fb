"""Doing something in the world for a flow: Python functions, Rasa action servers, HTTP tools and MCP servers.

A bot folder's actions.py needs one import: `from chatwright.actions import action`.
"""

from chatwright.actions.python import action

__all__ = ["action"]
