"""OpenAI's embeddings over the server's own embedder. `usage` counts words: the embedder does not tell its tokens.

Texts are embedded as queries, which is E5's way for comparing texts of one kind with each other.
"""

import asyncio
from base64 import b64encode
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chatwright.errors import RequestError
from chatwright.language.words import words
from chatwright.protocols import Embedder, Vectors
from chatwright.server.auth import Principal, require
from chatwright.server.limits import read_json
from chatwright.server.openai_api import json_response, unknown_model
from chatwright.server.openai_request import EmbeddingsRequest, read_embeddings_request
from chatwright.server.stream import until_gone

router = APIRouter(prefix="/v1")
_BATCH = 8  # texts between two looks at whether the client is still there


@router.post("/embeddings")
async def create_embeddings(request: Request, caller: Annotated[Principal, Depends(require("chat"))]) -> Response:
    """The vectors of one text or of many, as numbers or as base64 of little-endian float32."""
    state = request.app.state
    state.drain.refuse_new_work()
    wanted, texts = read_embeddings_request(await read_json(request), state.settings)
    embedder: Embedder | None = state.embedder
    if embedder is None or wanted.model != embedder.name:
        raise unknown_model(wanted.model, [embedder.name] if embedder is not None else [])
    if wanted.dimensions not in (None, embedder.dimension):
        raise RequestError(
            f"dimensions can only be {embedder.dimension} for {embedder.name}.",
            param="dimensions",
            code="invalid_value",
        )
    vectors = await until_gone(request, _embed(embedder, texts, state.embedding_turn))
    return json_response(_wire(wanted, vectors, num_tokens=sum(len(words(text)) for text in texts)))


async def _embed(embedder: Embedder, texts: list[str], turn: asyncio.Lock) -> list[Vectors]:
    vectors: list[Vectors] = []
    for start in range(0, len(texts), _BATCH):
        async with turn:  # one at a time: the embedder already uses every core
            vectors.append(await asyncio.to_thread(embedder.embed_queries, texts[start : start + _BATCH]))
    return vectors


def _wire(wanted: EmbeddingsRequest, batches: list[Vectors], *, num_tokens: int) -> dict[str, Any]:
    rows = np.concatenate(batches).astype("<f4")  # (n, dimension)
    is_base64 = wanted.encoding_format == "base64"
    return {
        "object": "list",
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": b64encode(row.tobytes()).decode() if is_base64 else row.tolist(),
            }
            for index, row in enumerate(rows)
        ],
        "model": wanted.model,
        "usage": {"prompt_tokens": num_tokens, "total_tokens": num_tokens},
    }
