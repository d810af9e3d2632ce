"""A server of `dedup explore` in a thread, and a visitor who asks it over a socket."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dedup.explore.answers import Explorer
from dedup.explore.counted import start_counting
from dedup.explore.guard import Door
from dedup.explore.server import bind, make_app, make_server
from dedup.explore.tables import open_tables


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Site:
    """A server that runs, and its door."""

    door: Door
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path, *, method="GET", **headers):
        """Ask as this visitor, who keeps cookies; `headers` replace those that are usual."""
        connection = http.client.HTTPConnection("127.0.0.1", self.door.port, timeout=30)
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} | headers
        connection.request(method, path, headers={k: v for k, v in sent.items() if v})
        response = connection.getresponse()
        reply = Reply(
            response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        )
        connection.close()
        if "set-cookie" in reply.headers:
            name, _, value = reply.headers["set-cookie"].partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply

    @property
    def address(self):
        return f"http://127.0.0.1:{self.door.port}/?token={self.door.token}"

    def come_in(self):
        reply = self.ask(f"/?token={self.door.token}")
        assert reply.status == 200
        return reply


@contextmanager
def serving(folder) -> Iterator[Site]:
    """Serve a result, all of it counted, until the context ends."""
    with open_tables(folder) as result, bind("127.0.0.1", 0) as listening:
        explorer = Explorer(result, start_counting(result))
        explorer.counting.finish()
        door = Door(port=listening.getsockname()[1])
        server = make_server(make_app(explorer, door))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Site(door)
        finally:
            server.should_exit = True
            thread.join(20)
            explorer.stop()
        assert not thread.is_alive()
