"""The shape of the code, read from its syntax trees; `python -m benchmarks.house` has figures."""

import pytest

from benchmarks.house import CODE, circles, forwards, imports_of, sources_read

LONGEST_FUNCTION = 50
SMALLEST_FILE = 30


@pytest.fixture(scope="module")
def sources():
    found = sources_read(*CODE)
    assert {source.path.partition("/")[0] for source in found} == set(CODE)
    return found


@pytest.fixture(scope="module")
def shipped(sources):
    """What runs for users, the laboratory included."""
    return [source for source in sources if not source.path.startswith("benchmarks/")]


def lines_of(function):
    return function.end_lineno - function.lineno + 1


def listed(advice, places):
    """A failure's message that names every place."""
    return "\n  ".join([advice, *places])


def test_no_files_import_one_another_in_a_circle(sources):
    rings = [" <-> ".join(sorted(ring)) for ring in circles(imports_of(sources))]
    assert not rings, listed("Move what both need into a file of its own.", rings)


def test_no_function_is_longer_than_a_screen(shipped):
    long = [
        f"{source.path}:{function.lineno} {function.name}: {lines_of(function)} lines"
        for source in shipped
        for function in source.functions
        if lines_of(function) > LONGEST_FUNCTION
    ]
    assert not long, listed(f"Cut these into functions of {LONGEST_FUNCTION} lines at most.", long)


def test_no_function_only_forwards_its_arguments(shipped):
    forwarding = [
        f"{source.path}:{function.lineno} {function.name}"
        for source in shipped
        for function in source.functions
        if forwards(function)
    ]
    assert not forwarding, listed("Call what these call.", forwarding)


def test_a_small_file_serves_more_than_one_other(sources):
    imports = imports_of(sources)
    importers = {
        source.path: [file for file, targets in imports.items() if source.path in targets]
        for source in sources
    }
    lonely = [
        f"{source.path}: {source.lines} lines, for {importers[source.path][0]} alone"
        for source in sources
        if source.path.startswith("catalog/")
        and not source.is_package
        and source.lines < SMALLEST_FILE
        and len(importers[source.path]) == 1
    ]
    assert not lonely, listed("Move their content into the file that imports it.", lonely)
