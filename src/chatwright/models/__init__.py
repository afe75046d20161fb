"""The model store: which models there are, where they can be had, and that what is loaded is what was meant.

It fetches, verifies, inspects and converts model files; it never runs a model.
"""

from chatwright.models.catalog import CatalogEntry, load_catalog
from chatwright.models.gguf_header import GgufHeader, read_gguf_header
from chatwright.models.store import ModelStatus, ModelStore

__all__ = ["CatalogEntry", "GgufHeader", "ModelStatus", "ModelStore", "load_catalog", "read_gguf_header"]
