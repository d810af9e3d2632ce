import pytest

from dedup.explore.guard import POLICY, Door, examine, knows

DOOR = Door(frozenset({"localhost", "crawler"}), 8000)
HOST = "127.0.0.1:8000"


def let_in(door, token=None, cookies=None, method="GET", host=HOST):
    return examine(door, method, host, token, cookies or {})


def test_the_token_lets_in_and_so_does_the_cookie():
    assert let_in(DOOR, token=DOOR.token) is None
    assert let_in(DOOR, cookies={DOOR.cookie: DOOR.ticket}) is None


@pytest.mark.parametrize("given", ["", "x", "é", "\ud800"])
def test_nothing_else_lets_in(given):
    assert let_in(DOOR).status == 403
    assert let_in(DOOR, token=given).status == 403
    assert let_in(DOOR, cookies={DOOR.cookie: given}).status == 403


def test_a_part_of_a_secret_or_the_other_one_does_not_let_in():
    assert let_in(DOOR, token=DOOR.token[:-1]).status == 403
    assert let_in(DOOR, token=DOOR.ticket).status == 403
    assert let_in(DOOR, cookies={DOOR.cookie: DOOR.token}).status == 403


def test_the_cookie_of_another_port_does_not_count():
    assert let_in(DOOR, cookies={"dedup-8001": DOOR.ticket}).status == 403
    assert let_in(Door(port=8001), cookies={DOOR.cookie: DOOR.ticket}).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get"])
def test_only_reading_is_let_in(method):
    assert let_in(DOOR, token=DOOR.token, method=method).status == 405


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "crawler:9", "[::1]:80", "192.168.1.5"]
)
def test_names_of_this_machine_and_addresses_in_digits_are_known(host):
    assert knows(DOOR, host)


@pytest.mark.parametrize(
    "host",
    [None, "", ":", "evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "127.1@evil",
     "localhost:x", "localhost:80:80", "[::1", "a b", "127.0.0.1, evil.example", "127.0.0.1/x"],
)  # fmt: skip
def test_names_that_may_lead_here_by_rebinding_are_refused(host):
    assert let_in(DOOR, token=DOOR.token, host=host).status == 403


def test_each_door_has_secrets_of_its_own_and_does_not_tell_them():
    one, two = Door(), Door()
    assert len({one.token, two.token, one.ticket, two.ticket}) == 4
    assert len(one.token) >= 40
    assert one.token not in repr(one)
    assert one.ticket not in repr(one)


def test_the_policy_lets_no_script_run():
    assert POLICY.startswith("default-src 'none'")
    assert "script-src" not in POLICY
    assert "unsafe" not in POLICY
