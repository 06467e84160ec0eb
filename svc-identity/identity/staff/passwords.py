"""Passwords under Argon2id, checked in threads of their own.

One check takes about 80 ms of a core and 64 MiB on purpose. Two at a time at most, so that a crowd of guesses
cannot take the memory or the event loop from everybody else; who would wait behind too many others is sent
away at once.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

THREADS = 2
MOST_WAITING = 16
LONGEST_PASSWORD = 200


class TooBusy(Exception):
    """More password checks wait than can be done soon."""


class Passwords:
    """Checks passwords; `close` ends its threads."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._open = 0
        self._nobodys = self._hasher.hash("a password that nobody has")

    async def is_right(self, password: str, password_hash: str | None) -> bool:
        """Return whether a password fits; `None` (no such account) takes as long, and never fits.

        Raises: TooBusy.
        """
        if self._open >= THREADS + MOST_WAITING:
            raise TooBusy
        self._open += 1
        try:
            loop = asyncio.get_running_loop()
            asked = password_hash or self._nobodys
            fits = await loop.run_in_executor(self._threads, self._check, password, asked)
        finally:
            self._open -= 1
        return fits and password_hash is not None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _check(self, password: str, password_hash: str) -> bool:
        if len(password) > LONGEST_PASSWORD:
            return False
        try:
            return self._hasher.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False
