"""Every rule says where it comes from, and decides without looking anything up."""

import ast

from tests.architecture.tree import modules, parsed, place

RULES = [file for file in modules() if file.name == "rules.py"]
FORBIDDEN = {"fastapi", "sqlalchemy", "asyncpg", "starlette", "nats", "httpx2", "time", "random", "secrets"}


def test_there_are_rules() -> None:
    assert RULES


def test_every_public_rule_names_its_source() -> None:
    without = []
    for file in RULES:
        for node in parsed(file).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                lines = (ast.get_docstring(node) or "").splitlines()
                if not any(line.strip().startswith("Source: ") for line in lines):
                    without.append(f"{place(file)}: {node.name}")

    assert without == []


def test_rules_import_no_framework_and_no_clock() -> None:
    found = []
    for file in RULES:
        for node in ast.walk(parsed(file)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found += [f"{place(file)}: {name}" for name in names if name.split(".")[0] in FORBIDDEN]
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
                found.append(f"{place(file)}:{node.lineno}: {node.attr}()")
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                found.append(f"{place(file)}:{node.lineno}: a rule waits for nothing")

    assert found == []
