"""``prefactor app``: look around in a results folder, in a browser."""

import secrets
from pathlib import Path

import click

from prefactor.app import LOCAL, make_app, serve
from prefactor.cli.terminal import line

__all__ = ["app_command"]


@click.command("app")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8321, show_default=True)
@click.option(
    "--allow-host", "allowed", multiple=True, metavar="NAME", help="Answer to this host name too. May be repeated."
)
@click.option(
    "--token",
    envvar="PREFACTOR_TOKEN",
    help="What a request must bring to write. [default: $PREFACTOR_TOKEN, or a random one]",
)
def app_command(*, folder: Path, host: str, port: int, allowed: tuple[str, ...], token: str | None) -> None:
    """Show a results folder in a browser.

    FOLDER is what 'prefactor explain --out' wrote; with --keep-texts the answers can be read and searched too.
    Whoever reaches the address may look; adding or removing a judge takes the token.
    """
    token = token or secrets.token_urlsafe(24)
    line(f"opening {folder}")
    app = make_app(folder, token=token, hosts=allowed)
    shown = host if host in LOCAL else "127.0.0.1"
    line(f"look around: http://{shown}:{port}/", "bold")
    line(f"with the right to add judges: http://{shown}:{port}/add#token={token}")
    if host not in LOCAL:
        line("listening beyond this machine: whoever reaches it can read everything in the folder", "yellow")
    line("stop with Ctrl-C")
    serve(app, host=host, port=port)
