"""Settings of an installation: flags > environment (`CHATWRIGHT__...`) > defaults. A bot's own settings are in its
`bot.yaml`, not here. Secrets mask themselves when printed.
"""

from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at the edge (command line, server) and passed down."""

    model_config = SettingsConfigDict(env_prefix="CHATWRIGHT__", env_nested_delimiter="__", extra="ignore")

    models_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("chatwright")) / "models",
        description="Where model files live.",
    )
    data_dir: Path | None = Field(
        default=None, description="Where bots keep index and conversations; default: .chatwright in the bot's folder."
    )
    database_key: SecretStr | None = Field(
        default=None, description="Encrypts the conversation and index files at rest (SQLCipher) when set."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    def bot_data_dir(self, bot_dir: Path) -> Path:
        """The state folder of one bot: `.chatwright` inside it, or a folder of its name under `data_dir`."""
        return bot_dir / ".chatwright" if self.data_dir is None else self.data_dir / bot_dir.resolve().name
