"""Reads documents of many kinds as clean text: markup gone, headings and table rows known, nothing executed.

Parsers run in a child process that is killed when it takes too long or too much memory.
"""

from chatwright.knowledge.loaders.kinds import SUPPORTED_SUFFIXES
from chatwright.knowledge.loaders.limits import LoadLimits
from chatwright.knowledge.loaders.reader import DocumentReader, load_document

__all__ = ["SUPPORTED_SUFFIXES", "DocumentReader", "LoadLimits", "load_document"]
