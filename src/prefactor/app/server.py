"""The app on the wire: routes, downloads, and the actions that need the token."""

import asyncio
import hmac
from collections.abc import Collection
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import orjson

from prefactor._optional import load_optional
from prefactor.app.added import file_name
from prefactor.app.asked import Asked, means
from prefactor.app.guard import AsgiApp, Guard
from prefactor.app.opened import Opened
from prefactor.app.pages import PAGES, render_page, table_of
from prefactor.app.tables import render_csv
from prefactor.errors import PrefactorError
from prefactor.report.document import plain_json, profile_document
from prefactor.report.safe_text import make_readable_line

__all__ = ["LOCAL", "make_app", "serve"]

LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")
"""Names that always belong to this machine."""

_TOKEN_HEADER: Final = "x-prefactor-token"  # noqa: S105  (the name of a header)
_LARGEST: Final = 64 * 1024 * 1024


def make_app(folder: str | Path, *, token: str, hosts: Collection[str] = ()) -> AsgiApp:
    """Return the app over a results folder.

    Parameters
    ----------
    folder
        What ``prefactor explain --out`` wrote.
    token
        What a request must bring to write anything.
    hosts
        Names of hosts to answer to beside those of this machine.

    Returns
    -------
    AsgiApp
        To be run by any ASGI server.

    Raises
    ------
    InputFileError
        The folder does not hold results.
    MissingExtraError
        The extra ``app`` is not installed.
    """
    if not token:
        message = "a token is needed: without one anybody could write"
        raise ValueError(message)
    app = _Routes(Opened(Path(folder)), token).app()
    return Guard(app, hosts=[*LOCAL, *hosts])


def serve(app: AsgiApp, *, host: str, port: int) -> None:
    """Run the app until it is interrupted.

    Parameters
    ----------
    app
        From :func:`make_app`.
    host, port
        Where to listen.
    """
    uvicorn = load_optional("uvicorn", feature="prefactor app", extra="app")
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False, date_header=False)


class _Routes:
    """The replies. Requests and responses are Starlette's, which has no types here."""

    def __init__(self, opened: Opened, token: str) -> None:
        self._opened = opened
        self._token = token
        self._replies = load_optional("starlette.responses", feature="prefactor app", extra="app")

    def app(self) -> AsgiApp:
        routing = load_optional("starlette.routing", feature="prefactor app", extra="app")
        starlette = load_optional("starlette.applications", feature="prefactor app", extra="app")
        routes = [
            *(routing.Route(path, self.page, methods=["GET"]) for path in PAGES),
            *(routing.Route(f"{path}.csv", self.csv, methods=["GET"]) for path in PAGES if path != "/"),
            *(routing.Route(f"/{name}", self.static, methods=["GET"]) for name in _STATIC),
            routing.Route("/report.html", self.report, methods=["GET"]),
            routing.Route("/card.json", self.card, methods=["GET"]),
            routing.Route("/weights.json", self.weights, methods=["GET"]),
            routing.Route("/judges", self.add, methods=["POST"]),
            routing.Route("/judges", self.remove, methods=["DELETE"]),
        ]
        made: AsgiApp = starlette.Starlette(routes=routes)
        return made

    def page(self, request: Any) -> Any:
        made = render_page(self._opened, _asked(request))
        return self._replies.HTMLResponse(made.html, status_code=made.status)

    def csv(self, request: Any) -> Any:
        asked = _asked(request)
        asked = Asked(asked.path.removesuffix(".csv"), asked.pairs)
        try:
            content = render_csv(table_of(self._opened, asked))
        except PrefactorError as error:
            return self._plain(str(error), 400)
        return self._download(content.encode("utf-8", "replace"), f"{asked.path[1:]}.csv", "text/csv; charset=utf-8")

    def static(self, request: Any) -> Any:
        package, kind = _STATIC[request.url.path[1:]]
        return self._replies.Response((files("prefactor") / package).read_bytes(), media_type=kind)

    def report(self, _: Any) -> Any:
        path = self._opened.folder / "report.html"
        if not path.is_file():
            return self._plain("There is no report.html in this folder.", 404)
        return self._replies.FileResponse(path, media_type="text/html")

    def card(self, request: Any) -> Any:
        return self._of_judge(request, "card")

    def weights(self, request: Any) -> Any:
        return self._of_judge(request, "weights")

    def _of_judge(self, request: Any, what: str) -> Any:
        results, judge = self._opened.results, _asked(request).one("judge")
        profiles = [one for one in results.profiles if one.judge == judge]
        if not profiles:
            return self._plain("There is no judge of this name.", 404)
        labels = {factor.name: factor.label for factor in results.factors}
        documents = [profile_document(profile, labels) for profile in profiles]
        if what == "weights":
            factors: Any = documents[0]["factors"]
            content: Any = {
                "judge": judge,
                "interval": results.settings.interval,
                "weights": {one["name"]: one["weight"] for one in factors},
                "covariance": documents[0]["covariance"],
            }
        else:
            content = {
                "judge": judge,
                "added": self._opened.added[judge].account if judge in self._opened.added else None,
                "settings": {name: getattr(results.settings, name) for name in results.settings.__slots__},
                "files": results.files,
                "factors": [
                    {"name": one.name, "definition": one.definition, "unit": one.unit} for one in results.factors
                ],
                "profiles": documents,
            }
        body = orjson.dumps(plain_json(content), option=orjson.OPT_INDENT_2)
        return self._download(body, f"{what}-{file_name(judge)}.json", "application/json")

    async def add(self, request: Any) -> Any:
        refused = self._refused(request)
        if refused is not None:
            return refused
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > _LARGEST:
                return self._plain(f"The file is larger than {_LARGEST // 2**20} MB.", 413)
        judge = _asked(request).one("judge")
        try:
            one = await asyncio.to_thread(self._opened.add, bytes(content), judge=judge)
        except PrefactorError as error:
            return self._plain(str(error), 400)
        return self._replies.JSONResponse({"judge": one.profile.judge, "account": dict(one.account)})

    async def remove(self, request: Any) -> Any:
        refused = self._refused(request)
        if refused is not None:
            return refused
        given = _asked(request).one("judge")
        judge = next((name for name in self._opened.added if means(given, name)), given)
        there = await asyncio.to_thread(self._opened.remove, judge)
        return self._replies.JSONResponse({"removed": there}, status_code=200 if there else 404)

    def _refused(self, request: Any) -> Any:
        """Return the refusal of a request without the token; None where it has it."""
        given = request.headers.get(_TOKEN_HEADER, "")
        # A header of our own also keeps other sites out: they cannot send it without being asked about first.
        if hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode()):
            return None
        return self._plain("This needs the token that was printed where the app was started.", 403)

    def _plain(self, text: str, status: int) -> Any:
        return self._replies.PlainTextResponse(make_readable_line(text, 1_000), status_code=status)

    def _download(self, content: bytes, name: str, kind: str) -> Any:
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return self._replies.Response(content, media_type=kind, headers=headers)


_STATIC: Final = {
    "report.css": ("report/templates/style.css", "text/css"),
    "app.css": ("app/static/app.css", "text/css"),
    "app.js": ("app/static/app.js", "text/javascript"),
    "icon.svg": ("app/static/icon.svg", "image/svg+xml"),
}


def _asked(request: Any) -> Asked:
    return Asked(request.url.path, tuple(request.query_params.multi_items()))
