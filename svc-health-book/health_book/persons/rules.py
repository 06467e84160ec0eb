"""When identity is asked again about a person that it could not name."""

from datetime import timedelta

_WAITING_FIRST = timedelta(seconds=2)
_WAITING_LONGEST = timedelta(minutes=1)
_INSUFFICIENT_FIRST = timedelta(hours=1)
_INSUFFICIENT_LONGEST = timedelta(days=1)


def pause_before_next_attempt(state: str, attempts: int) -> timedelta:
    """Return the pause after `attempts` fruitless attempts, doubling up to a limit.

    Short while identity is away (`waiting`), long where the papers do not suffice (`insufficient`): there
    only a change in identity's own data can help.
    Source: decision 0005.
    """
    first, longest = (
        (_WAITING_FIRST, _WAITING_LONGEST)
        if state == "waiting"
        else (_INSUFFICIENT_FIRST, _INSUFFICIENT_LONGEST)
    )
    return min(first * int(2 ** min(attempts, 20)), longest)


def has_paper(question: dict[str, object]) -> bool:
    """Return whether there is anything by which a person could be found.

    Source: decision 0005.
    """
    return bool(question["personal_id"] or question["other_papers"] or question["insurance_card"])
