"""The pages, rendered. Jinja2 escapes everything, also what the page of certificates shows again."""

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from chassis.errors import Language
from chassis.problems_catalogue import CatalogueEntry
from gateway.pages.assets import Assets
from gateway.pages.texts import PROMISES, STEPS, WORDS, cards, in_language

PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Pages:
    """Renders each page in each language. `explicit`: the reader chose the language, so links keep it."""

    def __init__(self, assets: Assets, *, sandbox: bool) -> None:
        self._assets = assets
        self._sandbox = sandbox
        self._kept: dict[tuple[str, Language, bool], bytes] = {}
        self._environment = Environment(
            loader=PackageLoader("gateway.pages", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def start(self, language: Language, *, explicit: bool) -> bytes:
        """Return the start page."""
        key = ("start", language, explicit)
        if key not in self._kept:
            self._kept[key] = self._render(
                "start.html",
                language,
                explicit,
                page="start",
                cards=in_language(cards(sandbox=self._sandbox), language),
                steps=in_language(STEPS, language),
                promises=in_language(PROMISES, language),
            )
        return self._kept[key]

    def docs(self, language: Language, *, explicit: bool) -> bytes:
        """Return the page around the OpenAPI viewer."""
        key = ("docs", language, explicit)
        if key not in self._kept:
            self._kept[key] = self._render("docs.html", language, explicit, page="docs")
        return self._kept[key]

    def verify(
        self,
        language: Language,
        *,
        explicit: bool,
        number: str,
        code: str,
        result: dict[str, Any] | None,  # Any: JSON members
        other_link: str,
    ) -> bytes:
        """Return the page that checks certificates; `other_link` asks the same in the other language."""
        return self._render(
            "verify.html",
            language,
            explicit,
            page="verify",
            number=number,
            code=code,
            result=result,
            other_link=other_link,
        )

    def problems(self, entries: Sequence[CatalogueEntry], language: Language, *, explicit: bool) -> bytes:
        """Return the table of problem codes."""
        rows: list[dict[str, Any]] = []  # Any: texts, numbers and a flag
        statuses: list[int] = []
        for entry in entries:
            is_first = entry.status not in statuses
            if is_first:
                statuses.append(entry.status)
            rows.append(
                {
                    "status": entry.status,
                    "code": entry.code,
                    "title": entry.title[language],
                    "cause": entry.cause[language],
                    "remedy": entry.remedy[language],
                    "retry": entry.retry,
                    "fault": entry.fault,
                    "first": is_first,
                }
            )
        return self._render(
            "problems.html", language, explicit, page="problems", entries=rows, statuses=statuses
        )

    def _render(
        self,
        template: str,
        language: Language,
        explicit: bool,
        **values: Any,  # Any: template variables
    ) -> bytes:
        other: Language = "en" if language == "vi" else "vi"
        return (
            self._environment.get_template(template)
            .render(
                t=in_language(dict(WORDS), language),
                language=language,
                other_language=other,
                suffix=f"?lang={language}" if explicit else "",
                sandbox=self._sandbox,
                asset=self._assets.url,
                **{"other_link": f"?lang={other}", **values},
            )
            .encode()
        )
