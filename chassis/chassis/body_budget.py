"""How many bytes of request bodies one process holds at once, so that many large uploads cannot fill its
memory.

Counted as they arrive and given back when the request ends. Rejected: a semaphore around the routes of large
bodies, which counts requests and not bytes, and only where somebody thought of it.
"""


class BodyBudget:
    """Bytes that may still be held."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes

    def take(self, count: int) -> bool:
        """Take so many bytes; False, and nothing taken, when there are fewer left."""
        if count > self._left:
            return False
        self._left -= count
        return True

    def give_back(self, count: int) -> None:
        """Return bytes that were taken."""
        self._left += count
