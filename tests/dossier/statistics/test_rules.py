"""Small cells of public statistics are left out, and what would tell them."""

import pytest

from dossier.statistics.rules import Cell, hidden_keys, total


def cells(**received: int) -> list[Cell]:
    return [Cell(key, count, count, count, 0) for key, count in received.items()]


@pytest.mark.parametrize(
    ("given", "hidden"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 4, "b": 9, "c": 7}, {"a", "c"}),
        ({"a": 4, "b": 3, "c": 7}, {"a", "b"}),
        ({"a": 1}, {"a"}),
        ({}, set()),
    ],
)
def test_small_groups_are_hidden_and_never_one_alone(given: dict[str, int], hidden: set[str]) -> None:
    assert hidden_keys(cells(**given)) == hidden


def test_total_is_the_sum() -> None:
    assert total([Cell("a", 5, 4, 3, 1), Cell("b", 7, 6, 6, 0)]) == Cell("", 12, 10, 9, 1)
