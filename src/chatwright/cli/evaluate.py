"""`chatwright eval DIR`: asks the folder's own questions and judges every answer."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatwright.cli.folder import BotDir
from chatwright.cli.show import JsonFlag, print_json, say

if TYPE_CHECKING:
    from chatwright.bot.turn import Bot
    from chatwright.evaluation.judgement import Judgement
    from chatwright.evaluation.questions import Dialogue
    from chatwright.evaluation.report import Report


def evaluate(
    directory: BotDir,
    questions: Annotated[Path | None, typer.Option(help="Default: every file in DIR/tests.", metavar="FILE")] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the report here, as Markdown.", metavar="FILE")] = None,
    as_json: bool = JsonFlag,
) -> None:
    """Ask the bot its test questions; print shares with intervals and every miss."""
    from chatwright.evaluation.report import report_lines

    report, judgements = asyncio.run(_evaluate(directory, questions, is_progress_shown=not as_json))
    lines = report_lines(report)
    if out:
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if as_json:
        shares = {name: {"value": s.value, "interval": s.interval, "n": s.n} for name, s in report.shares.items()}
        misses = [{"id": miss.id, "reason": miss.reason, "answer": miss.reply.answer} for miss in report.misses]
        print_json({"signature": report.signature, "figures": shares, "misses": misses, "n": len(judgements)})
    else:
        for line in lines:
            say(line)


async def _evaluate(
    directory: Path, questions: Path | None, *, is_progress_shown: bool
) -> "tuple[Report, list[Judgement]]":
    from chatwright import __version__
    from chatwright.bot.assemble import opened_bot
    from chatwright.evaluation.folder_tests import question_paths
    from chatwright.evaluation.questions import load_dialogues
    from chatwright.evaluation.report import make_report
    from chatwright.models.progress import progress_bar
    from chatwright.settings import Settings

    files = [questions] if questions else question_paths(directory / "tests")
    dialogues = [dialogue for file in files for dialogue in load_dialogues(file)]
    judgements: list[Judgement] = []
    async with opened_bot(directory, Settings()) as bot:
        with progress_bar("Asking", len(dialogues), is_shown=is_progress_shown) as advance:
            for dialogue in dialogues:
                judgements += await _ask_dialogue(bot, dialogue)
                advance(1)
        facts = {"bot": bot.name, "model": bot.engine.model, "wording": bot.definition.model.wording, "v": __version__}
    return make_report(judgements, facts), judgements


async def _ask_dialogue(bot: "Bot", dialogue: "Dialogue") -> "list[Judgement]":
    from chatwright.evaluation.judgement import judge
    from chatwright.messages import UserId

    conversation = await bot.open(UserId("evaluation"))
    judged: list[Judgement] = []
    for number, question in enumerate(dialogue.turns, start=1):
        reply = [delta async for delta in bot.reply(conversation, question.text)][-1].reply
        assert reply is not None, "Bot.reply ended without a reply"
        documents = [await bot.retriever.document(source) for source in {item.source for item in reply.citations}]
        texts = {document.source: document.text for document in documents if document}
        name = dialogue.id if len(dialogue.turns) == 1 else f"{dialogue.id}.{number}"
        judged.append(judge(name, dialogue.language, question, reply, texts))
    return judged
