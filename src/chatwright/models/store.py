"""The models on this machine: `ModelStore` pulls, adds, lists, removes and prepares them.

Layout: models_dir/NAME/model.gguf and NAME/source.json (how it was had, its digest), NAME/openvino/ (the converted
model, sealed by a manifest), NAME/partial/ (work that a pull can take up again). One pull or conversion of a model at a
time, across processes; what is there under its final name is whole.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from filelock import FileLock, Timeout

from chatwright.errors import ConfigError, EngineError
from chatwright.models.catalog import CatalogEntry, find_entry, load_catalog
from chatwright.models.conversion import convert
from chatwright.models.gguf_header import GgufHeader, read_gguf_header
from chatwright.models.integrity import (
    read_manifest,
    sha256_file,
    sync_folder,
    verify_folder,
    verify_sha256,
    write_durably,
)
from chatwright.models.names import check_name, name_for_file
from chatwright.models.progress import progress_bar
from chatwright.models.sources import SourceUnavailable, describe, fetch, installed_file

LOCK_TIMEOUT_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """One line of `chatwright models list`. origin: where the present file came from."""

    entry: CatalogEntry
    is_present: bool
    is_prepared: bool
    origin: str = ""


class ModelStore:
    """Model files under one folder, shared by every process of a user."""

    def __init__(
        self,
        models_dir: Path,
        *,
        catalog: Mapping[str, CatalogEntry] | None = None,
        is_progress_shown: bool = True,
    ) -> None:
        self.models_dir = models_dir
        self.catalog = load_catalog() if catalog is None else catalog
        self._is_progress_shown = is_progress_shown

    def list(self) -> list[ModelStatus]:
        """Catalogue entries first, then the files that were added."""
        entries = dict(self.catalog)
        if self.models_dir.is_dir():
            for folder in sorted(self.models_dir.iterdir()):
                if folder.name not in entries and (folder / "source.json").exists():
                    entries[folder.name] = self.entry(folder.name)
        return [self._status(entry) for entry in entries.values()]

    def entry(self, name: str) -> CatalogEntry:
        """The catalogue's entry, or one made from an added file. Raises ConfigError for an unknown name."""
        facts = self._facts(name)
        if name in self.catalog or not facts:
            return find_entry(name, self.catalog)
        return CatalogEntry(
            name=name,
            title=str(facts.get("title") or name),
            kind="chat",
            licence=str(facts.get("licence", "unknown")),
            languages=(),
            size_bytes=int(str(facts.get("size_bytes", 0))),
            context_length=int(str(facts.get("context_length", 0))),
            is_default_candidate=False,
            sources=(),
            sha256=str(facts["sha256"]),
        )

    def default(self) -> CatalogEntry:
        """The first entry of the catalogue that is meant as a default: bilingual before English only."""
        return next(entry for entry in self.catalog.values() if entry.is_default_candidate)

    def header(self, name: str) -> GgufHeader:
        """What the present file says of itself. Raises ConfigError when it is not present or malformed."""
        return read_gguf_header(self._present(name))

    def pull(self, name: str) -> Path:
        """The verified file of a catalogue model, fetched when it is not there. Raises ConfigError with every
        source's reason when none could give it."""
        entry = self.entry(name)
        with self._locked(name):
            if self._is_whole(name):
                return self._file(name)
            if entry.kind == "embedding":
                return self._installed(entry)
            partial = self._folder(name) / "partial"
            reasons: list[str] = []
            for source in entry.sources:
                try:
                    with progress_bar(
                        f"Pulling {name} from {describe(source)}",
                        entry.size_bytes,
                        is_bytes=True,
                        is_shown=self._is_progress_shown,
                    ) as advance:
                        fetched = fetch(source, partial, advance)
                    self._accept(entry, fetched, describe(source))
                except SourceUnavailable as err:
                    reasons.append(f"{describe(source)}: {err}")
                except ConfigError as err:  # what came is not what was meant: the next source may be right
                    reasons.append(f"{describe(source)}: {err.message}")
                    shutil.rmtree(partial, ignore_errors=True)
                else:
                    shutil.rmtree(partial, ignore_errors=True)
                    return self._file(name)
        raise ConfigError(
            f"The model {name!r} could not be had from any source. " + " ".join(f"[{reason}]" for reason in reasons),
            hint="Check the network, or add a file you have: chatwright models add FILE.gguf",
            code="model_unavailable",
        )

    def add(self, path: Path, name: str | None = None) -> CatalogEntry:
        """Copies a GGUF file into the store under `name` (by default its file name). Raises ConfigError when it is
        malformed, or when the name belongs to the catalogue and the digest is another."""
        header = read_gguf_header(path)
        name = check_name(name or name_for_file(path))
        with self._locked(name):
            partial = self._folder(name) / "partial"
            partial.mkdir(parents=True, exist_ok=True)
            copy = partial / "model.gguf"
            with progress_bar(f"Copying {path.name}", None, is_shown=self._is_progress_shown):
                shutil.copyfile(path, copy)
            expected = self.catalog[name].sha256 if name in self.catalog else None
            if expected:
                verify_sha256(copy, expected, name)
            self._settle(name, copy, f"file {path}", header, sha256_file(copy))
            shutil.rmtree(partial, ignore_errors=True)
        return self.entry(name)

    def remove(self, name: str) -> None:
        """Deletes the model's files. Raises ConfigError when it is not present."""
        with self._locked(name):
            if not self._folder(name).is_dir():
                raise ConfigError(f"The model {name!r} is not present.", hint="See: chatwright models list")
            shutil.rmtree(self._folder(name))

    def prepare(self, name: str) -> Path:
        """The folder with the OpenVINO form of a present model, converted once and verified at every call.

        Raises ConfigError when the file or the folder was changed, EngineError when conversion fails.
        """
        with self._locked(name):
            gguf = self._present(name)
            folder = self._folder(name) / "openvino"
            sha256 = str(self._facts(name).get("sha256"))
            manifest = read_manifest(folder)
            if manifest is None or manifest.get("source_sha256") != sha256:
                verify_sha256(gguf, sha256, name)
                convert(name, gguf, folder, sha256, is_shown=self._is_progress_shown)
            else:
                self._verify_unless_untouched(name, gguf, sha256)
                verify_folder(folder, name)
            return folder

    def file(self, name: str) -> Path:
        """The verified GGUF file of a present model."""
        path = self._present(name)
        verify_sha256(path, str(self._facts(name).get("sha256")), name)
        return path

    def _accept(self, entry: CatalogEntry, fetched: Path, origin: str) -> None:
        header = read_gguf_header(fetched)
        if entry.sha256:
            verify_sha256(fetched, entry.sha256, entry.name)
        self._settle(entry.name, fetched, origin, header, entry.sha256 or sha256_file(fetched))

    def _settle(self, name: str, fetched: Path, origin: str, header: GgufHeader, sha256: str) -> None:
        """Gives a whole, verified file its final name; the facts beside it are written last."""
        target = self._file(name)
        (target.parent / "source.json").unlink(missing_ok=True)
        fetched.replace(target)
        sync_folder(target.parent)
        facts = {
            "sha256": sha256,
            "origin": origin,
            "title": header.name,
            "licence": header.licence,
            "size_bytes": header.size_bytes,
            "context_length": header.context_length,
            "changed_ns": target.stat().st_ctime_ns,
        }
        write_durably(target.parent / "source.json", orjson.dumps(facts, option=orjson.OPT_INDENT_2))

    def _verify_unless_untouched(self, name: str, gguf: Path, sha256: str) -> None:
        """The change time moves with every write to a file and cannot be set back: if it stands, so does the digest."""
        if gguf.stat().st_ctime_ns != self._facts(name).get("changed_ns"):
            verify_sha256(gguf, sha256, name)

    def _installed(self, entry: CatalogEntry) -> Path:
        """An embedding model is used where its package put it; only its digest is checked."""
        for source in entry.sources:
            path = installed_file(source)
            if path and entry.sha256:
                verify_sha256(path, entry.sha256, entry.name)
                return path
        raise ConfigError(f"The model {entry.name!r} is not installed.", hint="Install it: pip install chatwright")

    def _status(self, entry: CatalogEntry) -> ModelStatus:
        if entry.kind == "embedding":
            is_there = any(installed_file(source) for source in entry.sources)
            return ModelStatus(entry=entry, is_present=is_there, is_prepared=is_there, origin="installed package")
        is_prepared = read_manifest(self._folder(entry.name) / "openvino") is not None
        origin = str(self._facts(entry.name).get("origin", ""))
        return ModelStatus(entry=entry, is_present=self._is_whole(entry.name), is_prepared=is_prepared, origin=origin)

    def _folder(self, name: str) -> Path:
        return self.models_dir / check_name(name)

    def _file(self, name: str) -> Path:
        return self._folder(name) / "model.gguf"

    def _facts(self, name: str) -> dict[str, object]:
        try:
            facts = orjson.loads((self._folder(name) / "source.json").read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def _is_whole(self, name: str) -> bool:
        return self._file(name).is_file() and bool(self._facts(name))

    def _present(self, name: str) -> Path:
        if not self._is_whole(name):
            self.entry(name)
            raise ConfigError(
                f"The model {name!r} is not on this machine.",
                hint=f"Fetch it with: chatwright models pull {name}",
                code="model_not_present",
            )
        return self._file(name)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        self._folder(name).parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.models_dir / f"{name}.lock", timeout=LOCK_TIMEOUT_S):
                yield
        except Timeout as err:
            raise EngineError(
                f"Another process has been working on the model {name!r} for over {LOCK_TIMEOUT_S:.0f} s.",
                hint="Wait for it or stop it, then try again.",
            ) from err
