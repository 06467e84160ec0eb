"""The command line against a running stack: real sign-ins, and what an operator sees."""

import base64
import json
from typing import Any

import pytest

from contracts import catalogue
from deploy.local.child_stack import ChildStack
from deploy.local.parts import ALL

pytestmark = pytest.mark.journey


@pytest.fixture
def stack(running_stack: ChildStack) -> ChildStack:
    return running_stack


def claims_of(stack: ChildStack, *arguments: str) -> dict[str, Any]:
    """The claims of the token that a command prints; nothing else may be on standard output."""
    done = stack.command("token", *arguments)
    assert done.returncode == 0, done.stderr
    (token,) = done.stdout.splitlines()
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def answer(stack: ChildStack, *arguments: str) -> Any:
    done = stack.command(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_citizen_signs_in_at_the_own_level_with_all_scopes(stack: ChildStack) -> None:
    claims = claims_of(stack, "--as", "an")
    assert claims["acr"] == "urn:vneid:level:2"
    assert claims["kind"] == "citizen"
    assert claims["iss"] == claims["aud"] == stack.url
    assert {"openid", "health.read", "judicial.apply", "dossier.file"} <= set(claims["scope"].split())
    assert "001085000017" not in json.dumps(claims)


def test_level_is_kept_or_raised_as_asked(stack: ChildStack) -> None:
    assert claims_of(stack, "--as", "dung")["acr"] == "urn:vneid:level:1"
    assert claims_of(stack, "--as", "dung", "--level", "2")["acr"] == "urn:vneid:level:2"


def test_scopes_are_narrowed_as_asked(stack: ChildStack) -> None:
    assert claims_of(stack, "--as", "em", "--scope", "openid health.read")["scope"] == "openid health.read"


def test_hospital_system_gets_a_token_of_its_own(stack: ChildStack) -> None:
    claims = claims_of(stack, "--as", "his-99999")
    assert claims["sub"] == claims["client_id"] == "his-99999"
    assert claims["organisation"] == "99999"
    assert claims["scope"] == "health.submit system/*.read system/*.write"


@pytest.mark.parametrize(
    ("name", "organisation", "role", "scope"),
    [
        ("cb-tuan", "lltp-ha-noi", "judicial_officer", "judicial.work"),
        ("ld-mai", "cuc-quan-ly-duoc", "dossier_leader", "dossier.work"),
        ("bs-khanh", "01001", "clinician", "health.clinical"),
        ("ops", "lien-thong", "operator", "ops"),
    ],
)
def test_staff_sign_in_with_their_second_factor(
    stack: ChildStack, name: str, organisation: str, role: str, scope: str
) -> None:
    claims = claims_of(stack, "--as", name)
    assert (claims["kind"], claims["organisation"], claims["roles"]) == ("staff", organisation, [role])
    assert {"openid", "profile", scope} <= set(claims["scope"].split())


def test_the_same_member_of_staff_signs_in_twice_at_once(stack: ChildStack) -> None:
    """A code works once; the command types the next one."""
    first, second = (claims_of(stack, "--as", "ld-lan") for _ in range(2))
    assert first["sub"] == second["sub"]
    assert first["jti"] != second["jti"]


def test_a_company_acts_through_who_represents_it_and_who_is_delegated(stack: ChildStack) -> None:
    at_vneid, by_staff, by_director = (
        claims_of(stack, *arguments)
        for arguments in (
            ("--as", "cty-duoc"),
            ("--as", "nhan-vien", "--for", "cty-duoc"),
            ("--as", "giam-doc", "--for", "cty-duoc"),
        )
    )
    for claims in (at_vneid, by_staff, by_director):
        assert (claims["kind"], claims["organisation"]) == ("company", "0100000010")
        assert claims["sub"] == at_vneid["sub"]
        assert "dossier.file" in claims["scope"].split()
    assert at_vneid["act"] == by_director["act"] != by_staff["act"]


def test_a_mother_acts_for_her_child(stack: ChildStack) -> None:
    own, acting = claims_of(stack, "--as", "binh"), claims_of(stack, "--as", "binh", "--for", "chi")
    assert acting["kind"] == "citizen"
    assert acting["act"] == {"sub": own["sub"]}
    assert acting["sub"] != own["sub"]
    assert "health.read" in acting["scope"].split()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--as", "bs-hoa", "--level", "2"), "staff"),
        (("--as", "chi"), "--as binh --for chi"),
        (("--as", "an", "--for", "chi"), "who may act for chi"),
        (("--as", "cty-duoc", "--for", "chi"), "company"),
        (("--as", "nobody"), "no persona"),
        (("--as", "his-99999", "--level", "2"), "system"),
    ],
)
def test_sign_in_that_does_not_exist_is_refused(
    stack: ChildStack, arguments: tuple[str, ...], reason: str
) -> None:
    done = stack.command("token", *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_status_names_every_process(stack: ChildStack) -> None:
    found = answer(stack, "status")
    assert found["running"]
    assert found["ready"]
    assert found["public_url"] == stack.url
    assert {entry["name"] for entry in found["processes"]} == {
        "postgres",
        "nats",
        *(entry.name for entry in ALL),
    }
    assert all(
        entry["state"] == "ready" and entry["address"] and entry["pid"] for entry in found["processes"]
    )


def test_operator_sees_outboxes_and_dead_letters(stack: ChildStack) -> None:
    outboxes = answer(stack, "outbox")
    assert {entry["service"] for entry in outboxes} == set(catalogue.SERVICES)
    assert answer(stack, "dead-letters", "list") == []
    done = stack.command("dead-letters", "replay", "01a205fc-07f7-760b-8067-c4c70f6fb15c")
    assert done.returncode == 1
    assert "no service has a dead event" in done.stderr


def test_migrating_again_changes_nothing(stack: ChildStack) -> None:
    assert answer(stack, "migrate")["migrated"] == list(catalogue.SERVICES)
