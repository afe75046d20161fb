"""What `chatwright doctor` looks at: processor, memory, disk, SQLite, models. Reads, never changes."""

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

MIN_SQLITE = (3, 51, 3)
MIN_FREE_BYTES = 3 * 10**9
MIN_MEMORY_BYTES = 3 * 10**9
FAST_FLAGS = ("amx_tile", "avx512_bf16", "avx512f", "avx2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. mend: the exact command or step, empty when nothing is wrong."""

    name: str
    found: str
    is_ok: bool = True
    mend: str = ""


def examine() -> list[Finding]:
    """Every finding, in the order in which they would stop a bot."""
    from chatwright.settings import Settings

    models_dir = Settings().models_dir
    return [_python(), _processor(), _memory(), _disk(models_dir), _sqlite(), *_models(models_dir)]


def machine_facts() -> dict[str, object]:
    """The machine in a few words, for the figures that are published with it."""
    return {
        "processor": _processor().found,
        "cores": os.cpu_count() or 1,
        "memory_gb": round(_memory_bytes() / 1e9, 1),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }


def _python() -> Finding:
    return Finding(name="Python", found=platform.python_version())


def _processor() -> Finding:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return Finding(name="processor", found=platform.processor() or platform.machine())
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {key.strip(): value.strip() for key, value in fields.items()}
    flags = [flag for flag in FAST_FLAGS if flag in facts.get("flags", "").split()]
    return Finding(
        name="processor", found=f"{facts.get('model name', 'unknown')}, {os.cpu_count()} cores, {' '.join(flags)}"
    )


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _memory() -> Finding:
    total = _memory_bytes()
    is_ok = total >= MIN_MEMORY_BYTES
    return Finding(
        name="memory",
        found=f"{total / 1e9:.1f} GB",
        is_ok=is_ok,
        mend="" if is_ok else "The default model needs 2.5 GB; choose smollm2-135m in bot.yaml.",
    )


def _disk(models_dir: Path) -> Finding:
    place = next(path for path in [models_dir, *models_dir.parents] if path.exists())
    free = shutil.disk_usage(place).free
    is_ok = free >= MIN_FREE_BYTES
    mend = "" if is_ok else f"Free {MIN_FREE_BYTES / 1e9:.0f} GB there, or set CHATWRIGHT__MODELS_DIR to another disk."
    return Finding(name="disk for models", found=f"{free / 1e9:.1f} GB free at {place}", is_ok=is_ok, mend=mend)


def _sqlite() -> Finding:
    from sqlcipher3 import dbapi2

    version = str(dbapi2.sqlite_version)
    is_ok = tuple(int(part) for part in version.split(".")) >= MIN_SQLITE
    return Finding(name="SQLite", found=version, is_ok=is_ok, mend="" if is_ok else "pip install 'sqlcipher3==0.6.4'")


def _models(models_dir: Path) -> list[Finding]:
    from chatwright.models import ModelStore

    store = ModelStore(models_dir)
    default = store.default().name
    status = next(status for status in store.list() if status.entry.name == default)
    return [
        Finding(
            name=f"model {default}",
            found="ready" if status.is_prepared else "present" if status.is_present else "not here",
            is_ok=status.is_present,
            mend="" if status.is_present else f"chatwright models pull {default}",
        )
    ]
