"""Measures the grid over products: `python -m benchmarks.day [--products 100000] [--json]`.

Uses PostgreSQL and Django's own client in this process, so that the time is what the server takes.
`--data FOLDER` keeps the rows for the next run.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.api_servers import database
from benchmarks.report import Measure, print_measures

PRODUCTS = 100_000
ROUNDS = 9
EDITS = 5_000
GRID = "/admin/grid/"


def milliseconds(step: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """The median, after one that loads templates."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def asked(client: Any, **parts: str) -> Any:
    """A page of the grid, which must be there."""
    answer = client.get(GRID, parts)
    assert answer.status_code == 200, answer
    return answer


def edits(client: Any) -> list[Measure]:
    """One cell, and one value for 5,000 products with its undo."""
    from catalog.models import Product

    product = Product.objects.order_by("sku").first()
    assert product is not None
    texts = iter(range(1_000))
    seen = product.colour

    def edit() -> None:
        nonlocal seen
        text = f"colour {next(texts)}"
        data = {"product": product.pk, "column": "colour", "seen": seen, "text": text}
        answer = client.post(f"{GRID}cell/", data)
        assert answer.status_code == 200, answer.content
        seen = text

    one = milliseconds(edit)
    data = {"kind": "set", "column": "colour", "text": "petrol"}
    query = "brand=Measured&column=colour"
    start = time.perf_counter()
    preview = client.post(f"{GRID}preview/?{query}", data)
    looked = time.perf_counter() - start
    found = re.search(r'name="as_of" value="([^"]+)"', preview.content.decode())
    assert found, "The preview holds no time."
    data["as_of"] = found[1]
    start = time.perf_counter()
    client.post(f"{GRID}apply/?{query}", data)
    many = time.perf_counter() - start
    changed = Product.objects.filter(colour="petrol").count()
    assert changed == EDITS, changed
    start = time.perf_counter()
    client.post(f"{GRID}undo/?{query}", {})
    undone = time.perf_counter() - start
    return [
        Measure("one edit, median", one, "ms", most=100),
        Measure("preview of 5,000 edits", looked, "s"),
        Measure("5,000 edits", many, "s", most=5),
        Measure("their undo", undone, "s", most=5),
    ]


def measure() -> list[Measure]:
    """First rows, filters, a page in the middle, and edits."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from catalog.models import Channel, Product

    client = Client(SERVER_NAME="127.0.0.1")
    user, _new = get_user_model().objects.get_or_create(
        username="merchandiser", is_superuser=True, is_staff=True
    )
    client.force_login(user)
    few = Product.objects.order_by("pk").values_list("pk", flat=True)[:EDITS]
    Product.objects.filter(pk__in=list(few)).update(brand="Measured", colour="red")
    middle = Product.objects.order_by("sku").values_list("sku", flat=True)[50_000:][:1]
    after = next(iter(middle), "")
    gap = f"{Channel.objects.earliest('pk').pk}:text:standard"
    return [
        Measure("first rows", milliseconds(lambda: asked(client)), "ms", most=150),
        Measure("filter", milliseconds(lambda: asked(client, brand="Measured")), "ms", most=150),
        Measure("state", milliseconds(lambda: asked(client, state="draft")), "ms", most=150),
        Measure("words", milliseconds(lambda: asked(client, search="shirt")), "ms", most=150),
        Measure("in the middle", milliseconds(lambda: asked(client, after=after)), "ms", most=150),
        Measure("completeness", milliseconds(lambda: client.get("/admin/completeness/"), 3), "ms"),
        Measure("what lacks a text", milliseconds(lambda: asked(client, missing=gap)), "ms"),
        *edits(client),
    ]


def main() -> int:
    """Create the products where they are missing, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.day", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--products", type=int, default=PRODUCTS, help="default: %(default)s")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the rows between runs")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = arguments.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(database(folder))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        from benchmarks.api_data import catalog_fill
        from catalog.models import Product

        if not Product.objects.exists():
            catalog_fill(arguments.products)
        measures = measure()
    print_measures(
        "day", measures, as_json=arguments.json, context={"products": arguments.products}
    )
    return 0 if all(one.holds for one in measures) else 1


if __name__ == "__main__":
    sys.exit(main())
