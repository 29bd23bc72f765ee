"""Who may ask the server of a live page, and how much."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from flowopt.serve.guard import MOST_BYTES, Guard

GOOD = {"host": "127.0.0.1:1234"}
MESSAGE = {
    "content-type": "application/json",
    "x-flowopt-client": "a",
    "content-length": "2",
}


def new_guard() -> Guard:
    return Guard("secret", frozenset(("127.0.0.1:1234", "localhost:1234")))


@pytest.mark.parametrize(
    "headers",
    [
        GOOD,
        {"host": "LOCALHOST:1234"},
        {**GOOD, "origin": "http://127.0.0.1:1234"},
        {**GOOD, "sec-fetch-site": "same-origin"},
        {**GOOD, "sec-fetch-site": "none"},
    ],
)
def test_the_own_page_is_let_in(headers: dict[str, str]) -> None:
    assert new_guard().at_the_door(headers, "secret") is None


@pytest.mark.parametrize(
    ("headers", "token", "status"),
    [
        (GOOD, "", HTTPStatus.FORBIDDEN),
        (GOOD, "secres", HTTPStatus.FORBIDDEN),
        (GOOD, "sécret", HTTPStatus.FORBIDDEN),
        ({}, "secret", HTTPStatus.MISDIRECTED_REQUEST),
        ({"host": "evil.example:1234"}, "secret", HTTPStatus.MISDIRECTED_REQUEST),
        ({"host": "127.0.0.1"}, "secret", HTTPStatus.MISDIRECTED_REQUEST),
        ({"host": "127.0.0.1:1235"}, "secret", HTTPStatus.MISDIRECTED_REQUEST),
        ({**GOOD, "origin": "http://evil.example"}, "secret", HTTPStatus.FORBIDDEN),
        ({**GOOD, "origin": "null"}, "secret", HTTPStatus.FORBIDDEN),
        ({**GOOD, "origin": "https://127.0.0.1:1234"}, "secret", HTTPStatus.FORBIDDEN),
        ({**GOOD, "origin": "http://127.0.0.1:99"}, "secret", HTTPStatus.FORBIDDEN),
        ({**GOOD, "sec-fetch-site": "cross-site"}, "secret", HTTPStatus.FORBIDDEN),
        ({**GOOD, "sec-fetch-site": "same-site"}, "secret", HTTPStatus.FORBIDDEN),
    ],
)
def test_others_stay_outside(headers: dict[str, str], token: str, status: HTTPStatus) -> None:
    refusal = new_guard().at_the_door(headers, token)
    assert refusal is not None
    assert refusal.status == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"content-type": "text/plain"}, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        (
            {"content-type": "application/x-www-form-urlencoded"},
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        ),
        ({"x-flowopt-client": ""}, HTTPStatus.BAD_REQUEST),
        ({"x-flowopt-client": "a" * 100}, HTTPStatus.BAD_REQUEST),
        ({"content-length": ""}, HTTPStatus.LENGTH_REQUIRED),
        ({"content-length": "-1"}, HTTPStatus.LENGTH_REQUIRED),
        ({"content-length": "\u0661"}, HTTPStatus.LENGTH_REQUIRED),
        ({"content-length": str(MOST_BYTES + 1)}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        ({"content-length": "9" * 5000}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ],
)
def test_messages_of_another_form_are_refused(change: dict[str, str], status: HTTPStatus) -> None:
    refusal = new_guard().of_a_message({**MESSAGE, **change})
    assert refusal is not None
    assert refusal.status == status


def test_a_page_may_not_flood_the_server_and_others_go_on() -> None:
    now = [0.0]
    guard = Guard("secret", frozenset(("127.0.0.1:1234",)), lambda: now[0])
    let_in = sum(guard.of_a_message(MESSAGE) is None for _ in range(1000))
    assert let_in == 60
    assert guard.of_a_message({**MESSAGE, "x-flowopt-client": "b"}) is None
    now[0] = 1.0
    assert sum(guard.of_a_message(MESSAGE) is None for _ in range(1000)) == 20


def test_pages_without_end_are_not_remembered() -> None:
    guard = new_guard()
    for number in range(2000):
        guard.of_a_message({**MESSAGE, "x-flowopt-client": str(number)})
    assert len(guard._allowances) <= 256
