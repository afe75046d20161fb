"""`chatwright test DIR`: runs the folder's test cases and scenarios against the real bot, in its own data folder.

Exit codes: 0 all passed, 1 some did not, 2 a test file or an option is not as it must be.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatwright.cli.folder import BotDir
from chatwright.cli.show import JsonFlag, print_json, say, table

if TYPE_CHECKING:
    from chatwright.bot.rehearse import BotRehearsal
    from chatwright.evaluation.case_result import CaseResult
    from chatwright.evaluation.flow_coverage import Coverage
    from chatwright.evaluation.folder_tests import FolderTests
    from chatwright.evaluation.run_all import Run
    from chatwright.evaluation.scenario import Scenario
    from chatwright.protocols import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the command line chose. judge and user_model: catalogue names, "" for none and for the bot's own."""

    now: datetime | None = None
    run_writes: bool = False
    fail_fast: bool = False
    num_jobs: int = 1
    seed: int = 0
    judge: str = ""
    user_model: str = ""
    is_progress_shown: bool = True


def run_tests(
    directory: BotDir,
    tests: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEST]...", help="Files, folders, or FILE::NAME. Default: all of DIR/tests."),
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the results as JUnit XML.")] = None,
    coverage: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write which flow steps were covered: .json, else Markdown."),
    ] = None,
    now: Annotated[str, typer.Option(metavar="TIME", help="The time it is: 2026-03-02T10:00. Default: now.")] = "",
    run_writes: Annotated[bool, typer.Option("--run-writes", help="Run actions that write without a stub.")] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first that does not pass.")] = False,
    jobs: Annotated[int, typer.Option(min=1, max=32, help="Conversations at once.")] = 1,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Of simulated users without one of their own.")] = 0,
    judge: Annotated[str, typer.Option(metavar="MODEL", help="The model that judges criteria. Default: none.")] = "",
    user_model: Annotated[
        str, typer.Option(metavar="MODEL", help="The model that plays users. Default: the bot's.")
    ] = "",
    as_json: bool = JsonFlag,
) -> None:
    """Run a bot's test cases and scenarios; print what was not as expected, and the flow steps covered."""
    from chatwright.evaluation.flow_coverage import measure_coverage
    from chatwright.evaluation.junit import junit_xml

    choices = Choices(
        now=_time(now),
        run_writes=run_writes,
        fail_fast=fail_fast,
        num_jobs=jobs,
        seed=seed,
        judge=judge,
        user_model=user_model,
        is_progress_shown=not as_json,
    )
    found = _found(directory, tests or [])
    started = time.perf_counter()
    results, flow_steps = asyncio.run(_run(directory, found, choices))
    covered = measure_coverage(flow_steps, results)
    if junit:
        _write(junit, junit_xml(directory.resolve().name, results))
    if coverage:
        _write(coverage, _coverage_text(coverage, covered))
    if as_json:
        print_json(_as_json(results, covered, found, choices))
    else:
        _print(results, covered, found, time.perf_counter() - started, is_whole=not tests)
    raise typer.Exit(0 if all(result.is_passed for result in results) else 1)


def _time(text: str) -> datetime | None:
    """Local time without a zone, as flows see it. Raises ConfigError for what is no time."""
    from chatwright.errors import ConfigError

    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as err:
        raise ConfigError(f"--now {text!r} is not a time.", hint="Write it as 2026-03-02T10:00.") from err
    return found.astimezone().replace(tzinfo=None) if found.tzinfo else found


def _found(directory: Path, chosen: Sequence[str]) -> "FolderTests":
    """The chosen tests. Raises ConfigError with every problem in them, and when there are none."""
    from chatwright.bot.check_tests import unknown_names
    from chatwright.bot.definition import load_definition
    from chatwright.errors import ConfigError
    from chatwright.evaluation.folder_tests import chosen_tests

    load_definition(directory)
    found = chosen_tests(directory / "tests", chosen)
    problems = [*found.problems, *unknown_names(directory, found)]
    if problems:
        raise ConfigError("\n".join(problems), hint="Mend the tests and try again.", code="tests_invalid")
    if not found.names:
        asked = f" Questions are asked by: chatwright eval {directory}" if found.question_files else ""
        raise ConfigError(
            f"There are no tests in {directory / 'tests'}.",
            hint=f"Write test_cases or a scenario there, see docs/testing.md.{asked}",
            code="no_tests",
        )
    return found


async def _run(directory: Path, found: "FolderTests", choices: Choices) -> "tuple[list[CaseResult], list[Any]]":
    from chatwright.bot.rehearse import opened_rehearsal
    from chatwright.evaluation.e2e_run import run_test
    from chatwright.evaluation.run_all import run_all
    from chatwright.models.progress import progress_bar
    from chatwright.settings import Settings

    settings = Settings()
    async with AsyncExitStack() as stack:
        opened = opened_rehearsal(directory, settings, now=choices.now, run_writes=choices.run_writes)
        rehearsal = await stack.enter_async_context(opened)
        runs: list[Run] = [partial(run_test, case, rehearsal, rehearsal) for case in found.cases]
        if found.scenarios:
            runs += await _scenario_runs(found.scenarios, rehearsal, choices, stack)
        with progress_bar("Testing", len(runs), is_shown=choices.is_progress_shown) as advance:
            results = await run_all(runs, num_jobs=choices.num_jobs, is_fail_fast=choices.fail_fast, on_done=advance)
        return results, rehearsal.flow_steps


async def _scenario_runs(
    scenarios: "Sequence[Scenario]", rehearsal: "BotRehearsal", choices: Choices, stack: AsyncExitStack
) -> "list[Run]":
    """One run a scenario, with whoever plays its user and whoever judges it."""
    from chatwright.bot.assemble import opened_engine
    from chatwright.evaluation.criteria import ModelJudge
    from chatwright.evaluation.model_user import ModelUser
    from chatwright.evaluation.scenario_run import run_scenario
    from chatwright.evaluation.simulated_user import scripted_user
    from chatwright.settings import Settings

    engines: dict[str, Engine] = {"": rehearsal.bot.engine, rehearsal.bot.engine.model: rehearsal.bot.engine}

    async def engine(name: str) -> "Engine":
        if name not in engines:
            engines[name] = await stack.enter_async_context(opened_engine(name, Settings()))
        return engines[name]

    judge = ModelJudge(engine=await engine(choices.judge)) if choices.judge else None
    runs: list[Run] = []
    for scenario in scenarios:
        seed = choices.seed if scenario.seed is None else scenario.seed
        notes: tuple[str, ...] = (f"seed {seed}",)
        if scenario.user.by == "model":
            played = await engine(choices.user_model)
            notes += (f"the user is played by {played.model}",)
            runs.append(
                partial(
                    run_scenario,
                    scenario,
                    ModelUser(user=scenario.user, language=scenario.language, engine=played, seed=seed),
                    rehearsal,
                    rehearsal,
                    judge,
                    notes,
                )
            )
        else:
            user = scripted_user(scenario.user, scenario.language, seed)
            runs.append(partial(run_scenario, scenario, user, rehearsal, rehearsal, judge, notes))
    return runs


def _write(path: Path, content: bytes) -> None:
    from chatwright.errors import ConfigError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as err:
        raise ConfigError(f"Cannot write {path}: {err.strerror}.", hint="Name another place.") from err


def _coverage_text(path: Path, covered: "Coverage") -> bytes:
    import orjson

    from chatwright.evaluation.flow_coverage import coverage_json, coverage_markdown

    if path.suffix.lower() == ".json":
        return orjson.dumps(coverage_json(covered), option=orjson.OPT_INDENT_2)
    return ("\n".join(coverage_markdown(covered)) + "\n").encode()


def _as_json(
    results: "Sequence[CaseResult]", covered: "Coverage", found: "FolderTests", choices: Choices
) -> dict[str, Any]:
    from chatwright.evaluation.flow_coverage import coverage_json
    from chatwright.evaluation.run_report import result_json

    return {
        "passed": sum(result.is_passed for result in results),
        "failed": sum(not result.is_passed for result in results),
        "not_run": len(found.names) - len(results),
        "seed": choices.seed,
        "results": [result_json(result) for result in results],
        "coverage": coverage_json(covered),
        "question_files": [str(path) for path in found.question_files],
        "ignored": found.ignored,
    }


def _print(
    results: "Sequence[CaseResult]", covered: "Coverage", found: "FolderTests", seconds: float, *, is_whole: bool
) -> None:
    """Everything for people: the tests, what failed, the coverage of the whole folder's tests, and what was not run."""
    from chatwright.evaluation.flow_coverage import coverage_rows
    from chatwright.evaluation.run_report import failure_lines, result_rows, summary_line

    table(["", "test", "kind", "turns", "s", "place"], result_rows(results))
    for result in results:
        if not result.is_passed:
            say()
            for line in failure_lines(result):
                say(line)
        elif result.kind == "scenario":
            say(f"   {result.name}: {'; '.join(result.notes)}")
    if covered.num_steps and is_whole:
        say()
        table(["flow", "steps", "share", "missed"], coverage_rows(covered))
    if covered.num_steps:
        say(f"Flow steps covered: {covered.num_covered} of {covered.num_steps} ({covered.share:.0%}).")
    say()
    for line in found.ignored:
        say(line)
    for path in found.question_files:
        say(f"{path}: questions; asked by chatwright eval.")
    if num_left := len(found.names) - len(results):
        say(f"Not run after the first failure: {num_left}.")
    say(summary_line(results, seconds))
