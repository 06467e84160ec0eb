"""What holds for every file: a stated purpose, one HTTP client, nothing of the machine it was made on."""

import ast
import re

import pytest

from tests.architecture.tree import ROOT, modules, parsed, place, tracked

MACHINE_PATHS = re.compile(r"(?<![\w.~*:/])/(?:root|work|home|Users)/[\w.-]+")
REGISTRY_HOSTS = re.compile(
    r"https?://[\w.-]*(?:registry|pythonhosted|pypi|npmjs|proxy\.golang|artifactory)[\w.-]*[/:]",
    re.IGNORECASE,
)
PACKAGE_PAGES = re.compile(r"https://(?:pypi\.org/project|www\.npmjs\.com/package)/", re.IGNORECASE)
COPIED = re.compile(r"(^|/)(LICENSE|data|samples|reference|vendor|asyncapi|assets|static)(/|$)")


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        place(file)
        for file in modules(tests=True)
        if parsed(file).body and ast.get_docstring(parsed(file)) is None
    ]

    assert silent == []


def test_no_module_imports_httpx() -> None:
    """The client is httpx2 (decision 0007); two clients would mean two sets of limits and traces."""
    found = []
    for file in modules(tests=True):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            found += [f"{place(file)}:{node.lineno}" for name in names if name.split(".")[0] == "httpx"]

    assert found == []


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRY_HOSTS], ids=["machine paths", "registry hosts"])
def test_nothing_names_the_machine_it_was_made_on(pattern: re.Pattern[str]) -> None:
    found = []
    for file in tracked():
        if COPIED.search(place(file)) or place(file) == place(ROOT / "tests/architecture/test_source.py"):
            continue
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(PACKAGE_PAGES.sub("", line)):
                found.append(f"{place(file)}:{number}: {line.strip()[:100]}")

    assert found == []


def test_no_member_reads_the_environment_at_import() -> None:
    """Settings are read once, in `main`; a module that read the environment would differ by import order."""
    found = []
    for file in modules():
        for node in parsed(file).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            found += [
                f"{place(file)}:{inner.lineno}"
                for inner in ast.walk(node)
                if isinstance(inner, ast.Attribute)
                and inner.attr in ("environ", "getenv")
                and isinstance(inner.value, ast.Name)
                and inner.value.id == "os"
                and not _guarded(node)
            ]

    assert found == []


def _guarded(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__main__" in ast.dump(node.test)
