"""Measures the structure of the code, from git and the syntax trees: `python -m benchmarks.house`.

Nothing of the project is imported or run. Tests, migrations and generated files are left out of
every figure but the type checker's, which judges whatever `[tool.mypy]` of pyproject.toml names.
"""

import argparse
import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.report import Measure, print_measures

ROOT = Path(__file__).resolve().parent.parent
#: Folders whose imports of one another are followed.
CODE = ("benchmarks", "catalog", "config", "lab", "moda_engine")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file of the repository."""

    path: str
    text: str

    @property
    def module(self) -> str:
        """The name that an import gives it."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def is_package(self) -> bool:
        return self.path.endswith("/__init__.py")

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def sources_read(*folders: str) -> list[Source]:
    """The Python files that git tracks in these folders, migrations left out."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        [*command, "--", *(f"{folder}/*.py" for folder in folders)],
        check=True,
        capture_output=True,
        text=True,
    )
    return [
        Source(path, (ROOT / path).read_text(encoding="utf-8"))
        for path in sorted(listed.stdout.split())
        if "/migrations/" not in path and (ROOT / path).is_file()
    ]


def imports_of(sources: list[Source]) -> dict[str, set[str]]:
    """Which files import which, also inside functions and for types alone."""
    modules = {source.module: source.path for source in sources}
    return {
        source.path: {modules[name] for name in _imported_modules(source, modules)} - {source.path}
        for source in sources
    }


def _imported_modules(source: Source, modules: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in modules:
                    yield whole
                elif node.module in modules:
                    yield node.module


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Groups of files that import one another in a loop: Tarjan's strongly connected components."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(file: str) -> None:
        index[file] = low[file] = len(index)
        stack.append(file)
        for target in imports[file]:
            if target not in index:
                visit(target)
                low[file] = min(low[file], low[target])
            elif target in stack:
                low[file] = min(low[file], index[target])
        if low[file] == index[file]:
            place = stack.index(file)
            group = set(stack[place:])
            del stack[place:]
            if len(group) > 1:
                found.append(group)

    for file in imports:
        if file not in index:
            visit(file)
    return found


def forwards(function: Function) -> bool:
    """Whether a function does nothing but hand its arguments, as they are, to another one.

    One with a decorator is left out, for that gives the name another use (a task, a fixture), and
    so are methods and special methods, which a class must have.
    """
    body = [node for node in function.body if not _is_docstring(node)]
    arguments = function.args
    names = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    if function.decorator_list or len(body) != 1 or names & {"self", "cls"}:
        return False
    call = body[0].value if isinstance(body[0], ast.Return | ast.Expr) else None
    if not isinstance(call, ast.Call) or not _is_plain_name(call.func, names):
        return False
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return bool(given) and all(isinstance(one, ast.Name) and one.id in names for one in given)


def _is_plain_name(called: ast.expr, names: set[str]) -> bool:
    """`function` or `module.function`, not a method of an argument."""
    if isinstance(called, ast.Attribute):
        return isinstance(called.value, ast.Name) and called.value.id not in names
    return isinstance(called, ast.Name)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def strict_share(sources: list[Source], settings: dict[str, Any]) -> float:
    """Percentage of lines that mypy judges by all of its strict rules, none switched off."""
    loosened = {
        module
        for override in settings.get("overrides", [])
        for module in _as_list(override["module"])
        if any(not value for name, value in override.items() if name.startswith("disallow_"))
        or override.get("ignore_errors")
    }
    judged = tuple(f"{folder}/" for folder in settings["files"])
    held = [
        source.lines
        for source in sources
        if settings.get("strict")
        and source.path.startswith(judged)
        and not any(_matches(source.module, module) for module in loosened)
    ]
    return 100 * sum(held) / sum(source.lines for source in sources)


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _matches(module: str, pattern: str) -> bool:
    return module == pattern or (
        pattern.endswith(".*") and f"{module}.".startswith(pattern.removesuffix("*"))
    )


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def house_measures() -> tuple[list[Measure], dict[str, list[str]]]:
    """All figures, and for each that counts something what it counted."""
    everything = sources_read(*CODE)
    catalog = [source for source in everything if source.path.startswith("catalog/")]
    engine = [source for source in everything if source.path.startswith("moda_engine/")]
    shipped = [source for source in everything if not source.path.startswith("benchmarks/")]
    imports = imports_of(everything)
    importers: dict[str, list[str]] = {source.path: [] for source in everything}
    for file, targets in imports.items():
        for target in targets:
            importers[target].append(file)
    single = [
        f"{source.path} <- {importers[source.path][0]}"
        for source in catalog
        if len(importers[source.path]) == 1
    ]
    rings = [" <-> ".join(sorted(group)) for group in circles(imports)]
    functions = sorted(
        (
            (_length(function), f"{source.path}:{function.name}")
            for source in shipped
            for function in source.functions
        ),
        reverse=True,
    )
    forwarding = [
        f"{source.path}:{function.name}"
        for source in shipped
        for function in source.functions
        if forwards(function)
    ]
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    strict = strict_share(
        [*catalog, *engine, *(one for one in everything if one.path.startswith("config/"))],
        settings,
    )
    measures = [
        Measure("Python files of the catalog", len(catalog), "files", most=240),
        Measure("of them with exactly one importer", len(single), "files", most=60),
        Measure("lines of the wheel", sum(one.lines for one in engine), "lines", most=10_800),
        Measure("lines of the catalog", sum(one.lines for one in catalog), "lines", most=27_000),
        Measure("import circles", len(rings), "circles", most=0),
        Measure("longest function", functions[0][0], "lines", most=50),
        Measure("lines under mypy strict", strict, "%", least=100),
        Measure("functions that only forward", len(forwarding), "functions", most=0),
    ]
    longest = [f"{length} {name}" for length, name in functions if length > 50]
    return measures, {
        "one importer": single,
        "circles": rings,
        "longest functions": longest,
        "functions that only forward": forwarding,
    }


def main() -> int:
    """Print the figures; 1 where one misses what it must reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--list", action="store_true", help="what each figure counted")
    arguments = parser.parse_args()
    measures, counted = house_measures()
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    print_measures("house", measures, as_json=arguments.json, context={"commit": commit})
    if arguments.list:
        for name, items in counted.items():
            print(f"\n{name}:", *items, sep="\n  ")
    return int(not all(measure.holds for measure in measures))


if __name__ == "__main__":
    sys.exit(main())
