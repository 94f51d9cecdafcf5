"""Each path that a document names in backticks exists; documents name no file of yesterday."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "README.md",
    ROOT / "moda_engine" / "README.md",
]
#: Where paths begin: in the repository, its application or its library.
ROOTS = (ROOT, ROOT / "catalog", ROOT / "moda_engine")
#: Suffixes of source files. Others are also those of data that commands write (`run.json`).
SOURCE = (".css", ".html", ".js", ".md", ".po", ".py", ".toml", ".yaml")
#: Stand for any name; files of a folder that a reader has or makes.
PLACEHOLDERS = re.compile(r"(^|/)(NAME|N|SKU|FOLDER)(/|$)|[<>]")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\.?[\w*-][\w.*-]*(/[\w.*-]+)*/?")
MODULE = re.compile(r"(?<![\w./])(benchmarks|catalog|lab|moda_engine|tests)(\.[a-z_]+)+")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def is_path(name: str) -> bool:
    """Whether it looks like a file or folder of this repository."""
    if not PATH.fullmatch(name) or PLACEHOLDERS.search(name):
        return False
    first = name.split("/")[0]
    is_below = "/" in name and any((root / first).is_dir() for root in ROOTS)
    return is_below or Path(name).suffix in SOURCE


def path_exists(name: str) -> bool:
    return any(next(root.glob(name.rstrip("/")), None) is not None for root in ROOTS)


def module_exists(name: str) -> bool:
    """Whether its package and the module in it are there; what the module holds is not read."""
    path = ROOT.joinpath(*name.split(".")[:2])
    return path.is_dir() or path.with_suffix(".py").is_file()


def missing(text: str) -> list[str]:
    """Paths and modules in backticks that do not exist."""
    codes = CODE.findall(text)
    paths = [name for name in codes if is_path(name) and not MODULE.fullmatch(name)]
    modules = [found[0] for code in codes for found in re.finditer(MODULE, code)]
    return [name for name in paths if not path_exists(name)] + [
        name for name in modules if not (module_exists(name) or path_exists(name))
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_what_exists(document):
    text = document.read_text(encoding="utf-8")
    links = LINK.findall(text)

    assert missing(text) == []
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_documents_are_found_and_name_many_paths():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

    assert len(DOCUMENTS) > 8
    assert sum(map(is_path, CODE.findall(text))) > 150


@pytest.mark.parametrize(
    "code",
    [
        "catalog/gone.py",
        "services/gone.py",
        "gone.py",
        "describing/gone/",
        "docs/gone.md",
        "lab/gone",
        "tests/architecture/test_g*ne.py",
        "moda_engine.gone",
        "python -m lab.gone --output folder",
    ],
)
def test_what_does_not_exist_is_found(code):
    assert missing(f"See `{code}`.") != []


@pytest.mark.parametrize(
    "code",
    [
        "services/jobs.py",
        "tests/architecture/test_*.py",
        "pyproject.toml",
        "config.json",
        "/api/v1/products/",
        "models/NAME/",
        "product.updated",
        "moda_engine.exceptions.EngineError",
        "python -m lab.drawings",
    ],
)
def test_what_exists_or_is_no_path_is_free(code):
    assert missing(f"See `{code}`.") == []


def test_commands_of_a_fresh_shell_are_told_after_where_they_are():
    """`python` of a fresh shell is the system's: the README names the environment first."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    before, first, _ = text.partition("$ python")
    assert first
    assert "$ source .venv/bin/activate" in before
