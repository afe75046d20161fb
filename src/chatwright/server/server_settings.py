"""Settings of the HTTP server: flags > environment (`CHATWRIGHT__SERVER__...`) > defaults. Read once at the edge."""

from ipaddress import ip_address
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServerSettings(BaseSettings):
    """Where the server listens, who may speak to it, and every limit it keeps."""

    model_config = SettingsConfigDict(env_prefix="CHATWRIGHT__SERVER__", extra="ignore", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on. Anything but loopback needs API keys.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 lets the system choose.")
    state_dir: Path | None = Field(
        default=None, description="Folder of the secret behind visitors' tokens; without it they end with the process."
    )
    visitors_need_key: bool = Field(default=False, description="Also the chat page's API asks for a key.")
    cors_origins: tuple[str, ...] = Field(default=(), description="Sites whose pages may call the API from a browser.")
    frame_ancestors: tuple[str, ...] = Field(default=(), description="Sites that may show the chat page in a frame.")
    allowed_hosts: tuple[str, ...] = Field(default=(), description="Accepted Host names; empty accepts all.")
    trusted_proxies: tuple[str, ...] = Field(default=(), description="Proxies whose X-Forwarded-For is believed.")

    key_requests_per_min: float = Field(default=60, gt=0, description="Turns a minute for each API key.")
    visitor_requests_per_min: float = Field(default=20, gt=0, description="Turns a minute for each visitor's address.")

    max_body_bytes: int = Field(default=1024 * 1024, gt=0, description="Largest request body.")
    max_messages: int = Field(default=200, gt=0, description="Most messages in one request.")
    max_message_chars: int = Field(default=32_000, gt=0, description="Longest single message, in characters.")
    max_json_depth: int = Field(default=64, gt=0, description="Deepest nesting of a JSON body.")
    body_timeout_s: float = Field(default=30, gt=0, description="A body must have arrived by then.")

    first_wait_s: float = Field(default=10, gt=0, description="Longest wait for text before a stream is opened.")
    keep_alive_s: float = Field(default=15, gt=0, description="Silence on a stream after which a comment is sent.")
    slow_reader_s: float = Field(default=30, gt=0, description="A reader that takes nothing for this long is cut.")
    drain_s: float = Field(default=25, gt=0, description="After a stop signal, streams may go on for this long.")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
