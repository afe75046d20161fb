"""An HTTP transport whose replies end with an error when they grow beyond a size; streams of events are let through.

In: requests of a client that reads whole replies itself. Out: the same replies. The size is what came over the wire,
and nothing compressed is asked for, so what is read cannot be larger.
"""

from collections.abc import AsyncIterator

import httpx2


class BoundedTransport(httpx2.AsyncHTTPTransport):
    """max_bytes: of one reply. Event streams have a limit for each event elsewhere."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(verify=httpx2.create_ssl_context(), trust_env=False)
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["Accept-Encoding"] = "identity"
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            await response.aclose()
            raise httpx2.RemoteProtocolError("a compressed reply that was not asked for", request=request)
        if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)  # what an asynchronous transport gives
            response.stream = _Bounded(response.stream, self._max_bytes, request)
        return response


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, max_bytes: int, request: httpx2.Request) -> None:
        self._stream, self._left, self._request = stream, max_bytes, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                raise httpx2.RemoteProtocolError("a reply larger than allowed", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
