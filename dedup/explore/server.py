"""The server: Starlette's routes and uvicorn's loop around `answers`; the only user of both."""

import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dedup.explore import pages
from dedup.explore.answers import SHOWN, Explorer, answer, refuse
from dedup.explore.guard import HEADERS, METHODS, Door, examine

GRACE_SECONDS = 2
"""So long a request that is being answered may go on when the server is ended."""


def make_app(explorer: Explorer, door: Door) -> ASGIApp:
    """Make the application: each view at its name, the overview at the root, behind the door."""
    routes = [
        Route("/" if view == "overview" else f"/{view}", _endpoint(explorer, view))
        for view in SHOWN
    ]
    sheet = pages.style_sheet()
    routes.append(Route("/style.css", lambda _: Response(sheet, media_type="text/css")))

    def unknown(_request: Request, _error: Exception) -> Response:
        page = refuse(explorer, 404, "Not found", "There is no such page here.")
        return HTMLResponse(page.html.encode("utf-8", "replace"), page.status)

    app = Starlette(routes=routes, exception_handlers={404: unknown})
    app.router.redirect_slashes = False
    return _guarded(app, door)


def _endpoint(explorer: Explorer, view: str) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        given = {name: text for name, text in request.query_params.items() if name != "token"}
        page = answer(explorer, view, given)
        # a lone surrogate, which no browser knows, becomes a question mark
        return HTMLResponse(page.html.encode("utf-8", "replace"), page.status)

    return endpoint


def _guarded(app: ASGIApp, door: Door) -> ASGIApp:
    """Let through what guard.examine lets in; all answers get guard.HEADERS."""
    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    cookie = f"{door.cookie}={door.ticket}; Path=/; HttpOnly; SameSite=Strict".encode()

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        asks = HTTPConnection(scope)
        token = asks.query_params.get("token")
        host = asks.headers.get("host")
        refusal = examine(door, scope["method"], host, token, asks.cookies)
        added = list(headers)
        if refusal is None and token is not None:
            added.append((b"set-cookie", cookie))

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        if refusal is None:
            await app(scope, receive, answered)
            return
        allow = {"Allow": ", ".join(METHODS)} if refusal.status == 405 else None
        response = PlainTextResponse(refusal.reason + "\n", refusal.status, allow)
        await response(scope, receive, answered)

    return guarded


def bind(host: str, port: int) -> socket.socket:
    """Take a port of an address, and listen: who connects from now on waits for `serve`.

    Raises
    ------
    OSError: the address is none of this machine, or its port is taken.
    """
    family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def make_server(app: ASGIApp) -> uvicorn.Server:
    """Make the server; it says nothing but what went wrong."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level=logging.ERROR,
            access_log=False,
            ws="none",
            http="h11",
            loop="asyncio",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Answer until a signal ends it.

    Raises
    ------
    KeyboardInterrupt: it was ended by Ctrl-C; other signals do what they did before.
    """
    make_server(app).run(sockets=[listening])
