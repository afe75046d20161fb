"""`chatwright bench`: figures of this machine, each beside its peer in one run."""

import typer

from chatwright.cli.bench_engine import bench_engine

app = typer.Typer(help="Measure this machine beside a peer.", no_args_is_help=True, rich_markup_mode=None)
app.callback()(lambda: None)
app.command("engine")(bench_engine)
