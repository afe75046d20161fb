"""`chatwright bench`: figures of this machine, each beside its peer in one run."""

from typing import Annotated

import typer

from chatwright.cli.show import JsonFlag

app = typer.Typer(help="Measure this machine beside a peer.", no_args_is_help=True, rich_markup_mode=None)
app.callback()(lambda: None)


@app.command("engine")
def engine(
    model: Annotated[str, typer.Option(help="Catalogue name; the bilingual default when left out.")] = "",
    peer: Annotated[str, typer.Option(help="Whom to compare with: llamacpp.")] = "llamacpp",
    n: Annotated[int, typer.Option(help="Rounds; medians are reported.", min=1)] = 5,
    as_json: bool = JsonFlag,
) -> None:
    """Compare our engine's speed with a peer's on the same weights, in one run."""
    from chatwright.cli.bench_engine import bench_engine

    bench_engine(model, peer, n, as_json)
