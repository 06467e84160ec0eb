"""The dialect's answers as real versions give them, and those that say nothing."""

from typing import Any

import pytest

from national_portal_sync.peers.peer import Told
from national_portal_sync.peers.portal import NationalPortal, PortalAccount
from national_portal_sync.peers.results import OutcomeUnknown, PeerAway, PeerFailure, PeerRefused
from national_portal_sync.peers.wire import Answer
from tests.national_portal_sync.factories import make_dossier

ACCOUNT = PortalAccount(
    "http://portal",
    "us",
    "secret",
    "G18",
    "dvcqg",
    frozenset({"401"}),
    frozenset({"404"}),
    frozenset({"409"}),
)


class ScriptedWire:
    """Answers in turn what it was given, and keeps what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = [Answer(200, b'{"error_code": 0, "session": "s"}'), *answers]
        self.asked: list[dict[str, Any]] = []

    async def post(self, url: str, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        self.asked.append({"url": url, **body, **headers})
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Answer) else Answer(200, answer)


def portal(*answers: Any) -> tuple[NationalPortal, ScriptedWire]:
    wire = ScriptedWire(*answers)
    return NationalPortal(ACCOUNT, wire), wire  # type: ignore[arg-type]  # the one method that it uses


NOT_THERE = b'{"error_code": "0", "data": []}'


@pytest.mark.parametrize("code", [b"0", b'"0"', b'"00"'])
async def test_three_words_of_success(code: bytes) -> None:
    done = b'{"error_code": ' + code + b"}"
    peer, wire = portal(NOT_THERE, done, done)
    told = await peer.tell(make_dossier(1), Told())

    assert (told.is_known, told.steps) == (True, 1)
    services = [asked.get("service") for asked in wire.asked]
    assert services == [None, "TraCuuHoSo", "DongBoHoSoMC", "CapNhatTienDoHoSoMC"]
    assert wire.asked[0]["dstcode"] == "dvcqg"
    assert wire.asked[2]["isUpdating"] == "False"


async def test_known_dossier_is_updated_and_only_new_rows_are_added() -> None:
    peer, wire = portal(b'{"error_code": "00"}', b'{"error_code": "0"}')
    await peer.tell(make_dossier(1, 2, 4), Told(is_known=True, version=2, steps=2))

    assert wire.asked[1]["isUpdating"] == "True"
    assert [row["TrangThai"] for row in wire.asked[2]["data"]] == ["4"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503, b""),
        b'{"error_code": "0"',
        b"{}",
        b'{"error_code": ""}',
        b'{"error_code": true}',
        b"[]",
        b'{"error_code": "0"}',
        b'{"error_code": "0", "data": null}',
        OutcomeUnknown("no_answer"),
        PeerAway("not_reached"),
    ],
)
async def test_look_up_without_a_readable_answer_says_nothing(answer: Any) -> None:
    peer, _ = portal(answer)

    with pytest.raises(PeerAway):
        await peer.ask(make_dossier(1))


@pytest.mark.parametrize("answer", [Answer(502, b""), b'{"err', b"{}", OutcomeUnknown("no_answer")])
async def test_change_without_a_readable_answer_is_unknown(answer: Any) -> None:
    peer, _ = portal(answer)

    with pytest.raises(OutcomeUnknown):
        await peer.tell(make_dossier(1), Told(is_known=True))


async def test_refusal_names_the_portals_code() -> None:
    peer, _ = portal('{"error_code": "422", "message": "Dữ liệu không hợp lệ"}'.encode())

    with pytest.raises(PeerRefused) as refusal:
        await peer.tell(make_dossier(1), Told(is_known=True))

    assert (refusal.value.code, refusal.value.detail) == ("portal_422", "Dữ liệu không hợp lệ")


@pytest.mark.parametrize("code", [b"404", b"409"])
async def test_portal_that_knows_more_or_less_than_we_thought_is_asked(code: bytes) -> None:
    peer, _ = portal(b'{"error_code": "' + code + b'"}')

    with pytest.raises(OutcomeUnknown):
        await peer.tell(make_dossier(1), Told(is_known=True))


async def test_session_that_expires_twice_in_a_row_is_not_renewed_for_ever() -> None:
    expired = b'{"error_code": "401"}'
    peer, wire = portal(expired, b'{"error_code": 0, "session": "t"}', expired)

    with pytest.raises(PeerAway):
        await peer.ask(make_dossier(1))

    assert [asked.get("session") for asked in wire.asked] == [None, "s", None, "t"]


async def test_refused_log_in_changes_nothing_and_can_be_tried_again() -> None:
    peer, wire = portal()
    wire.answers = [b'{"error_code": -1}']

    with pytest.raises(PeerFailure) as failure:
        await peer.ask(make_dossier(1))

    assert (type(failure.value), failure.value.code) == (PeerAway, "log_in_refused")
