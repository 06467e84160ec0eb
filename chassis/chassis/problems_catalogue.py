"""Every problem code with cause and remedy, as data: for `/developers/problems`, OpenAPI documents and
tests.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chassis import errors
from chassis.errors import Fault, Problem, Retry, Text


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What a reader needs to know of one code."""

    status: int
    code: str
    fault: Fault
    retry: Retry
    title: Text
    cause: Text
    remedy: Text


def entry_of(problem: type[Problem]) -> CatalogueEntry:
    """Return the entry of a problem class."""
    return CatalogueEntry(
        problem.status,
        problem.code,
        problem.fault,
        problem.retry,
        problem.title,
        problem.cause,
        problem.remedy,
    )


def entries(problems: Iterable[type[Problem]]) -> tuple[CatalogueEntry, ...]:
    """Return the entries of problem classes, by status and code; a code stands for one meaning only.

    Raises: ValueError when two classes share a code.
    """
    by_code: dict[str, CatalogueEntry] = {}
    for problem in problems:
        if problem.code in by_code:
            raise ValueError(f"two problems share the code {problem.code}")
        by_code[problem.code] = entry_of(problem)
    return tuple(sorted(by_code.values(), key=lambda e: (e.status, e.code)))


def defined(base: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Yield every problem class with a code that has been imported, a service's own ones included."""
    for problem in base.__subclasses__():
        if "code" in vars(problem):
            yield problem
        yield from defined(problem)


ALL: tuple[CatalogueEntry, ...] = entries(p for p in defined() if p.__module__ == errors.__name__)
"""The shared codes, by status and code."""
