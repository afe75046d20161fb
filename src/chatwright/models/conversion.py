"""Runs `convert_child` on one model file and seals what it made. An interrupted conversion leaves nothing to be used.

In: a verified GGUF file. Out: a sealed folder with the OpenVINO form. The caller holds the model's lock.
"""

import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from chatwright.errors import EngineError
from chatwright.models.integrity import sync_folder, write_manifest
from chatwright.models.progress import Advance, progress_bar

CONVERT_TIMEOUT_S = 1800.0
_SHARE_OF_WRITING = 0.4  # reading the repacked file and writing the IR takes about 0.4 of the whole


def convert(name: str, gguf: Path, folder: Path, sha256: str, *, is_shown: bool = True) -> None:
    """Fills `folder` from `gguf`. Raises EngineError with the reader's own reason when the model cannot be read."""
    building = folder.with_name(folder.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    building.mkdir(parents=True)
    with progress_bar(f"Preparing {name}", 1000, is_shown=is_shown) as advance:
        reason = _run_child(gguf, building, advance)
    if reason:
        shutil.rmtree(building, ignore_errors=True)
        raise EngineError(
            f"The model {name!r} could not be prepared: {reason}",
            hint="Check free disk and memory with: chatwright doctor",
            code="model_conversion_failed",
        )
    write_manifest(building, {"source_sha256": sha256})
    building.rename(folder)
    sync_folder(folder.parent)


def _run_child(gguf: Path, building: Path, advance: Advance) -> str:
    """The reason of a failure, or nothing."""
    command = [sys.executable, "-m", "chatwright.models.convert_child", str(gguf), str(building)]
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as child:
            timer = threading.Timer(CONVERT_TIMEOUT_S, child.kill)
            timer.start()
            _follow(child, advance)
            child.wait()
            is_late = not timer.is_alive()
            timer.cancel()
        errors.seek(0)
        lines = errors.read().decode(errors="replace").strip().splitlines()
    if is_late:
        return f"it took longer than {CONVERT_TIMEOUT_S:.0f} s"
    return (lines or [f"exit code {child.returncode}"])[-1] if child.returncode else ""


def _follow(child: subprocess.Popen[str], advance: Advance) -> None:
    """Turns the child's lines into progress out of 1000."""
    shown = 0
    for line in child.stdout or ():
        word, *numbers = line.split()
        if word == "tensors" and len(numbers) == 2:
            now = round(1000 * (1 - _SHARE_OF_WRITING) * int(numbers[0]) / int(numbers[1]))
            advance(now - shown)
            shown = now
    advance(1000 - shown)
