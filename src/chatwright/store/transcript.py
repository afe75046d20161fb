"""A digest of what was said, one message after the other: finds the conversation whose text a caller sends back.

In: messages. Out: a hexadecimal SHA-256, "" before anything was said. Spaces do not count: clients trim and wrap. The
digest only finds candidates; whoever uses it compares the texts themselves.
"""

import hashlib
from collections.abc import Sequence
from functools import reduce

from chatwright.messages import Message


def extended(digest: str, role: str, text: str) -> str:
    """The digest after one more message."""
    return hashlib.sha256(f"{digest}\0{role}\0{' '.join(text.split())}".encode("utf-8", "surrogatepass")).hexdigest()


def transcript_digest(messages: Sequence[Message]) -> str:
    """The digest of a whole transcript of user and assistant messages."""
    return reduce(lambda digest, message: extended(digest, message.role, message.content), messages, "")
