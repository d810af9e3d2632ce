"""`dedup explore`, as it is run in a terminal."""

import http.client
import signal
import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from cli_support import run_dedup, start_dedup


@contextmanager
def exploring(*arguments):
    """Start it, wait for its address, and see that it has ended in the end."""
    running = start_dedup("explore", *arguments, "--no-browser")
    try:
        yield running, urlsplit(running.stdout.readline().decode().strip())
    finally:
        if running.poll() is None:
            running.kill()
        running.wait()
        running.stdout.close()
        running.stderr.close()


def ask(address, path):
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    status, body = response.status, response.read()
    connection.close()
    return status, body


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)]
)
def test_it_shows_the_result_until_it_is_ended(cleaned, tmp_path, monkeypatch, number, status):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = sorted(path.name for path in cleaned.rglob("*"))
    with exploring(cleaned) as (running, address):
        assert address.hostname == "127.0.0.1"
        assert len(address.query) > 40
        assert ask(address, "/")[0] == 403
        shown, body = ask(address, f"/documents?q=harbour&{address.query}")
        assert shown == 200
        assert b"<mark>" in body
        running.send_signal(number)
        _, said = running.communicate(timeout=20)
        assert (running.returncode, said) == (status, b"")
    assert list(tmp_path.iterdir()) == []
    assert sorted(path.name for path in cleaned.rglob("*")) == before


def test_another_host_is_warned_of(cleaned):
    with exploring(cleaned, "--host", "0.0.0.0") as (running, address):
        assert address.hostname == socket.gethostname().lower()
        here = address._replace(netloc=f"127.0.0.1:{address.port}")
        assert ask(here, f"/settings?{address.query}")[0] == 200
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
    assert said.decode().startswith("dedup: warning: --host 0.0.0.0 lets other machines ask")


def test_a_port_that_is_taken_is_said(cleaned):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_dedup("explore", cleaned, "--port", port, "--no-browser")
    assert done.returncode == 2
    assert f"--port {port}: Address already in use" in done.stderr


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7", "a" * 300])
def test_a_host_that_is_not_this_machine_is_said(cleaned, host):
    done = run_dedup("explore", cleaned, "--host", host, "--no-browser")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"--host {host}" in done.stderr.splitlines()[-1]


def test_a_folder_that_is_no_result_is_said(tmp_path):
    done = run_dedup("explore", tmp_path, "--no-browser")
    assert done.returncode == 2
    assert "is no result of dedup" in done.stderr
