"""Roles and scopes, codes and steps, failures and waits."""

from datetime import timedelta

import pyotp
import pytest

from identity.staff import rules

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_795_400_000
STEP = NOW // 30


def code(step: int) -> str:
    return pyotp.TOTP(SECRET).at(step * 30)


def test_scopes_are_those_of_all_roles() -> None:
    assert rules.scopes_of(["judicial_officer", "auditor"]) == {"judicial.work", "audit"}
    assert rules.scopes_of([]) == frozenset()
    assert rules.scopes_of(["a role of tomorrow"]) == frozenset()


@pytest.mark.parametrize("difference", [-1, 0, 1])
def test_a_code_is_taken_from_clocks_one_step_apart(difference: int) -> None:
    assert rules.step_of(code(STEP + difference), SECRET, NOW, None) == STEP + difference


@pytest.mark.parametrize("difference", [-2, 2])
def test_a_code_from_further_away_is_not(difference: int) -> None:
    assert rules.step_of(code(STEP + difference), SECRET, NOW, None) is None


def test_a_code_is_taken_once_and_no_earlier_one_after_it() -> None:
    assert rules.step_of(code(STEP), SECRET, NOW, STEP) is None
    assert rules.step_of(code(STEP - 1), SECRET, NOW, STEP) is None
    assert rules.step_of(code(STEP + 1), SECRET, NOW, STEP) == STEP + 1


def test_spaces_in_a_code_do_not_matter() -> None:
    typed = code(STEP)

    assert rules.step_of(f" {typed[:3]} {typed[3:]}\n", SECRET, NOW, None) == STEP


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345６"])
def test_what_is_no_code_is_not_taken(typed: str) -> None:
    assert rules.step_of(typed, SECRET, NOW, None) is None


@pytest.mark.parametrize(
    ("failures", "of", "seconds"),
    [
        (4, "account", None),
        (5, "account", 30),
        (6, "account", 60),
        (9, "account", 480),
        (10, "account", 900),
        (2000, "account", 900),
        (49, "address", None),
        (50, "address", 30),
    ],
)
def test_waits_double_up_to_a_quarter_of_an_hour(
    failures: int, of: rules.Counted, seconds: int | None
) -> None:
    assert rules.wait_after(failures, of) == (timedelta(seconds=seconds) if seconds is not None else None)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("somewhere", "unknown"),
    ],
)
def test_addresses_are_counted_by_who_has_them(address: str, counted: str) -> None:
    assert rules.address_of(address) == counted


@pytest.mark.parametrize("text", ["cb-tuan", "a", "0.a_b-c"])
def test_usernames(text: str) -> None:
    assert rules.is_username(text)


@pytest.mark.parametrize("text", ["", "-a", "Cb", "a b", "a\x00", "a\n", "x" * 65, "é"])
def test_no_usernames(text: str) -> None:
    assert not rules.is_username(text)
