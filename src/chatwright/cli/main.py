"""`chatwright`: registers every command and is the edge where errors become one line and an exit code.

Exit codes: 0 done, 1 failure, 2 usage or configuration, 130 interrupted.
"""

import os
import sys

import typer

from chatwright.cli import (
    actions,
    ask,
    bench,
    conversations,
    evaluate,
    flows,
    folder,
    import_rasa,
    keys,
    models,
    serve,
    test,
    users,
)
from chatwright.errors import ChatwrightError

app = typer.Typer(
    name="chatwright",
    help="Turn a folder of your own documents into a chatbot that answers with citations, in Chinese and English.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("new")(folder.new)
app.command("check")(folder.check)
app.command("ingest")(folder.ingest)
app.command("ask")(ask.ask)
app.command("chat")(ask.chat)
app.command("serve")(serve.serve)
app.command("test")(test.run_tests)
app.command("eval")(evaluate.evaluate)
app.command("conversations")(conversations.conversations)
app.command("export-user")(users.export_user)
app.command("erase-user")(users.erase_user)
app.command("doctor")(folder.doctor)
app.add_typer(models.app, name="models")
app.add_typer(keys.app, name="keys")
app.add_typer(flows.app, name="flows")
app.add_typer(actions.app, name="actions")
app.add_typer(bench.app, name="bench")
app.add_typer(import_rasa.app, name="import")


def run() -> None:
    """The entry point. No traceback reaches a user unless CHATWRIGHT_DEBUG is set."""
    try:
        app(standalone_mode=True)
    except ChatwrightError as err:
        _fail(f"error: {err.message}", err.hint, err.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted", "", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as err:
        if os.environ.get("CHATWRIGHT_DEBUG"):
            raise
        _fail(
            f"error: unexpected {type(err).__name__}: {err}",
            "This is a bug in chatwright; run again with CHATWRIGHT_DEBUG=1 to see where it happened.",
            1,
        )


def _fail(message: str, hint: str, exit_code: int) -> None:
    print(message, file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    sys.exit(exit_code)
