"""The forms of a page, read and filled in as a person's browser would send them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Form:
    """One form: where it goes, what it carries by itself, and what it asks."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, answers: Mapping[str, str]) -> dict[str, str]:
        """What is sent: the form's own values, with an answer for each field that it asks for.

        Raises:
            KeyError: a field is asked for that there is no answer to; names the field.
        """
        missing = [name for name in self.asked if name not in answers]
        if missing:
            raise KeyError(missing[0])
        known = {*self.values, *self.asked, *self.choices}
        return self.values | {name: value for name, value in answers.items() if name in known}


def first_form(page: str, address: str) -> Form | None:
    """The first form of a page that lies at `address`, or None."""
    reader = _Reader(address)
    reader.feed(page)
    return reader.forms[0] if reader.forms else None


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            target = urljoin(self.address, given.get("action") or self.address)
            self._open = Form(target, given.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None and given.get("name"):
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _take(self, tag: str, given: Mapping[str, str]) -> None:
        form, name, kind = self._open, given["name"], given.get("type", "text")
        if form is None:
            return
        if tag == "button" or kind == "submit":
            # The first button is what Enter presses; an answer may press another one.
            form.values.setdefault(name, given.get("value", ""))
            form.choices.setdefault(name, []).append(given.get("value", ""))
        elif kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.values[name] = given.get("value", "on")
        elif kind == "hidden" or "value" in given:
            form.values[name] = given.get("value", "")
        elif tag in ("input", "select", "textarea"):
            form.asked.append(name)
