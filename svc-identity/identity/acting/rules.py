"""Which rights a parent has for a child of what age. Pure."""

from datetime import date

CHILD_UNTIL = 16
"""Age from which the health book is the young person's own."""
MINOR_UNTIL = 18
"""Age from which nobody acts for them as a parent."""

OF_A_CHILD = frozenset({"health.read", "health.share", "dossier.file"})
OF_A_YOUNG_PERSON = frozenset({"judicial.apply", "dossier.file"})


def scopes_for_child(born_on: str | None, today: date) -> frozenset[str]:
    """Return what a parent may do for a child on a legal day; nothing where the birthday is not known.

    `born_on` is `YYYY-MM-DD`. Years are complete on the birthday; someone born on 29 February completes them
    on 1 March of a year without that day.

    Source: decision 0015 (Law on Children 102/2016/QH13, art. 1: under 16; Decree 216/2026/NĐ-CP, art. 22:
    applicants from 16; what lies between is a choice of ours).
    """
    if born_on is None or len(born_on) != 10:
        return frozenset()
    born = date.fromisoformat(born_on)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not 0 <= age < MINOR_UNTIL:
        return frozenset()
    return OF_A_CHILD if age < CHILD_UNTIL else OF_A_YOUNG_PERSON
