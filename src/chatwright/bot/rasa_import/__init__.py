"""Moves a Rasa project into a bot folder: 3.x with NLU, stories, rules and forms, and CALM.

One short file a part; `convert.py` is the whole in order. Nothing of the project is run, imported or changed.
"""

from chatwright.bot.rasa_import.convert import import_rasa
from chatwright.bot.rasa_import.report import Entry, Report

__all__ = ["Entry", "Report", "import_rasa"]
