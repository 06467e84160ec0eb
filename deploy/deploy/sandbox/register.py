"""The population register: the personas, the town, and what was changed of them.

A look-up that finds nobody answers 200 with `found: false`, as the real register's dialect does: a missing
person is an answer, not an error of the call.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from deploy.sandbox.accounts import password_of
from deploy.sandbox.people import Person
from deploy.sandbox.personas import personas
from deploy.sandbox.state import State
from deploy.sandbox.town import town

CHANGEABLE = {"name", "born_on", "sex", "level", "is_alive", "phone", "address"}


class Register:
    """People by personal number; changes are kept in `state` and survive a restart."""

    def __init__(self, state: State, *, size: int, seed: int) -> None:
        self._state = state
        self._people: dict[str, Person] = {}
        self._passwords: dict[str, str] = {}
        for person in town(size, seed):
            self._people[person.personal_id] = person
            self._passwords[person.personal_id] = password_of(person.personal_id[-6:])
        for persona in personas().values():
            if persona.person is not None:
                self._people[persona.person.personal_id] = persona.person
                self._passwords[persona.person.personal_id] = password_of(persona.name)
        for personal_id, patch in state.patches().items():
            if personal_id in self._people:
                self._apply(personal_id, patch)

    def __len__(self) -> int:
        return len(self._people)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._people.values())

    def find(self, personal_id: str) -> Person | None:
        return self._people.get(personal_id)

    def password(self, person: Person) -> str:
        return self._passwords[person.personal_id]

    def change(self, personal_id: str, patch: Mapping[str, Any]) -> Person:
        """Change fields of one person (JSON forms, see CHANGEABLE) and return what now stands.

        Raises:
            KeyError: nobody has this number.
        """
        if personal_id not in self._people:
            raise KeyError(personal_id)
        merged = {**self._state.patches().get(personal_id, {}), **patch}
        person = self._apply(personal_id, patch)
        self._state.put_patch(personal_id, merged)
        return person

    def _apply(self, personal_id: str, patch: Mapping[str, Any]) -> Person:
        fields = {key: value for key, value in patch.items() if key in CHANGEABLE}
        if "born_on" in fields:
            fields["born_on"] = date.fromisoformat(fields["born_on"])
        self._people[personal_id] = replace(self._people[personal_id], **fields)
        return self._people[personal_id]


def masked(personal_id: str) -> str:
    """Return a number as the sandbox's pages and journal show it: the middle is hidden."""
    return f"{personal_id[:3]}…{personal_id[-4:]}"
