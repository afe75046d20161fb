"""The process that parses documents: bounded in memory, processor time and files, and killed by its parent at will.

In: a line of JSON for each file on standard input ({"path", "source", "limits"}). Out: a line of JSON for each:
{"title", "text", "headings", "rows"} or {"reason", "hint"}. The bounds contain parsers that loop or explode; they are
not a sandbox against code that has taken over the parser.
"""

import json
import math
import os
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatwright.knowledge.loaders.kinds import load_content
from chatwright.knowledge.loaders.limits import LoadLimits, Unreadable

READY = {"is_ready": True}
MEMORY_EXIT_CODE = 75


def main() -> None:
    """Answers until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    limits = LoadLimits(**json.loads(sys.argv[1]))
    _bound_process(limits)
    _answer(answers, READY)
    for line in sys.stdin:
        request = json.loads(line)
        _bound_processor_time(limits.timeout_s)
        try:
            answer = _read(Path(request["path"]), request["source"], limits)
        except MemoryError:
            os._exit(MEMORY_EXIT_CODE)  # nothing in this process can be trusted to have memory left
        _answer(answers, answer)


def _answer(answers: Any, answer: Mapping[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _bound_process(limits: LoadLimits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.max_memory_bytes, limits.max_memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_processor_time(seconds: float) -> None:
    """`seconds` more than this process has used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _read(path: Path, source: str, limits: LoadLimits) -> Mapping[str, Any]:
    try:
        document = load_content(path.read_bytes(), path.suffix.lower(), source, limits)
    except Unreadable as refusal:
        return {"reason": refusal.reason, "hint": refusal.hint}
    except OSError as error:
        return {"reason": f"cannot be opened: {error.strerror}", "hint": "Check the path and its permissions."}
    except RecursionError:
        return {"reason": "is nested too deep", "hint": "Simplify it."}
    return {
        "title": document.title,
        "text": document.text,
        "headings": list(document.headings),
        "rows": list(document.rows),
    }


if __name__ == "__main__":
    main()
