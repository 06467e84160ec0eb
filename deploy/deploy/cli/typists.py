"""What the played browser types into the pages of a sign-in: VNeID's, or identity's own for staff."""

import sys
import time
from collections.abc import Iterator
from typing import Protocol

from deploy.cli.stack import CommandFailed
from deploy.sandbox.accounts import PERIOD_SECONDS, totp_of
from deploy.sandbox.personas import Persona
from deploy.sandbox.staff import StaffAccount


class Typist(Protocol):
    """Someone at the keyboard."""

    def answers(self, choices: dict[str, list[str]]) -> dict[str, str]:
        """Return the fields to fill in, given the choices that the page offers.

        Raises: CommandFailed: this person cannot answer the page.
        """
        ...

    def may_try_again(self, status: int) -> bool:
        """Return whether a page that answers with this status is to be filled in once more."""
        ...


class VNeIDHolder:
    """A persona at VNeID. `account` is a company's tax code; empty for the person's own account."""

    def __init__(self, persona: Persona, level: int, account: str = "") -> None:
        self._persona, self._level, self._account = persona, level, account

    def answers(self, choices: dict[str, list[str]]) -> dict[str, str]:
        person, password = self._persona.person, self._persona.password
        if person is None or password is None:
            raise CommandFailed(f"{self._persona.name} has no VNeID account")
        if self._account and "account" in choices and self._account not in choices["account"]:
            raise CommandFailed(f"{self._persona.name} may not act for {self._account} at VNeID")
        found = {
            "personal_id": person.personal_id,
            "password": password,
            "one_time_code": totp_of(person.personal_id).at(int(time.time())),
            "account": self._account,
        }
        if "raise" in choices.get("decision", ()):
            found["decision"] = "raise" if self._level > 1 else "keep"
        return found

    def may_try_again(self, status: int) -> bool:
        return False


class StaffMember:
    """A persona at identity's own page, where each one-time code works once.

    Signing in twice within half a minute needs another code than the last one. The codes of the step before
    and of the step after are taken too, so those are typed in turn; then the next one is waited for.
    """

    def __init__(self, account: StaffAccount) -> None:
        self._account = account
        self._codes = self._unused_codes()

    def answers(self, choices: dict[str, list[str]]) -> dict[str, str]:
        return {
            "username": self._account.username,
            "password": self._account.password,
            "one_time_code": next(self._codes),
        }

    def may_try_again(self, status: int) -> bool:
        return status == 422

    def _unused_codes(self) -> Iterator[str]:
        step = int(time.time()) // PERIOD_SECONDS
        for near in (step - 1, step, step + 1):
            yield self._account.totp.at(near * PERIOD_SECONDS)
        wait = (step + 1) * PERIOD_SECONDS - time.time()
        print(f"waiting {max(wait, 0):.0f} s for the next one-time code", file=sys.stderr)
        time.sleep(max(wait, 0))
        yield self._account.totp.at((step + 2) * PERIOD_SECONDS)
        raise CommandFailed(f"{self._account.username} is not recognised at the page for staff")
