"""`flowopt serve`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from flowopt.cli.inputs import network_argument


@click.command()
@network_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port to listen at; 0, the default, takes a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at. Any other than this machine's own lets whoever has the printed "
    "address use the page, and what passes can be read on the way.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder below which the page saves results; without it nothing is saved.",
)
@click.option(
    "--frontier",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of a `flowopt compare` of this network: the page shows its best plan, with the "
    "bound, for the budget at hand.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address; open no browser.")
def serve(
    network: Path,
    port: int,
    host: str,
    out: Path | None,
    frontier: Path | None,
    no_browser: bool,
) -> None:
    """Open a page on which ticking a measure shows at once how the trafficker goes round.

    Needs the extra `serve`: pip install 'flowopt[serve]'. It runs until Ctrl-C; only this machine
    can open the page, by the address that is printed. Example:

        flowopt serve networks/peru-2014 --frontier results/peru-2014/frontier
    """
    from flowopt.errors import RequestError

    try:
        from flowopt.serve.run_server import run_server
    except ModuleNotFoundError as error:
        raise RequestError(
            f"the live page needs {error.name}, which is not installed: "
            "pip install 'flowopt[serve]'"
        ) from error

    def started(address: str) -> None:
        click.echo(f"{address}\nOpen it in a browser on this machine; Ctrl-C ends the page.")
        if not no_browser:
            import webbrowser

            webbrowser.open(address)

    with suppress(KeyboardInterrupt):  # the way to end it
        run_server(network, host=host, port=port, out=out, frontier=frontier, started=started)
