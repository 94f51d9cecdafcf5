"""Measures the speed of the API, compared with a plain one over the same tables.

    python -m benchmarks.api [--data FOLDER] [--products 1000000] [--only PART …] [--json]

Uses PostgreSQL, gunicorn as `manage.py serve` starts it, and `wrk` as the load (apt-get install
wrk). The catalog is created once in the folder of `--data` and kept there; `--quick` uses 20,000
products and short runs. Parts: list, half, revalidate, depth, bulk, mirror.
"""

import argparse
import json
import platform
import random
import statistics
import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.api_client import Client
from benchmarks.api_servers import ADDRESS, database, web_server
from benchmarks.load import Load, load_run

LIST = "/api/v1/products/?limit=100"
PLAIN = "/plain/products/"
#: Clients at full load: as many as there are threads.
CONNECTIONS = 8
#: Pages, at random places of the catalog, that the load walks through.
PAGES = 60


class Bench:
    """One run: the key, the pages, and how long to measure."""

    def __init__(self, *, products: int, seconds: int, rounds: int) -> None:
        from catalog.services.api_keys import api_key_create

        self.products, self.seconds, self.rounds = products, seconds, rounds
        _, key = api_key_create(name="Benchmark", scopes=["read", "write"], rate=10**9)
        self.headers = {"Authorization": f"Api-Key {key}"}
        self.client = Client(self.headers)
        places = random.Random(1).sample(range(1, products - 200), PAGES)
        self.skus = [f"SKU-{place:08d}" for place in places]

    def load(self, paths: list[str], **more: Any) -> Load:
        """Run the load tool."""
        options = {"seconds": self.seconds, "connections": CONNECTIONS, **more}
        return load_run(address=ADDRESS, paths=paths, headers=self.headers, **options)

    def pages(self) -> list[str]:
        """Pages of the list from all over the catalog."""
        from catalog.api.queries import cursor_of

        return [f"{LIST}&cursor={quote(cursor_of('sku', sku))}" for sku in self.skus]

    def plain_pages(self) -> list[str]:
        """The same pages of the plain list."""
        cursors = [b64encode(f"p={sku}".encode()).decode() for sku in self.skus]
        return [f"{PLAIN}?cursor={quote(cursor)}" for cursor in cursors]


def bench_list(bench: Bench) -> dict[str, Any]:
    """The API's list and the plain one by turns, at full load; and the queries of one page."""
    api, plain = [], []
    for _ in range(bench.rounds):
        plain.append(bench.load(bench.plain_pages()))
        api.append(bench.load(bench.pages()))
    rate = statistics.median(load.rate for load in api)
    plain_rate = statistics.median(load.rate for load in plain)
    return {
        "queries": max(_queries(bench, path) for path in bench.pages()[:5]),
        "plain_requests_per_second": plain_rate,
        "requests_per_second": rate,
        "times_plain": rate / plain_rate,
    }


def bench_half(bench: Bench) -> dict[str, Any]:
    """The 95th percentile at half of the rate that `list` reached just before."""
    most = statistics.median(bench.load(bench.pages()).rate for _ in range(bench.rounds))
    clients = 40
    load = bench.load(
        bench.pages(), connections=clients, pause=clients / (most / 2) * 1000, seconds=20
    )
    return {
        "most_requests_per_second": most,
        "offered_requests_per_second": most / 2,
        "answered_requests_per_second": load.rate,
        "p50_ms": load.p50,
        "p95_ms": load.p95,
    }


def bench_revalidate(bench: Bench) -> dict[str, Any]:
    """The same pages in full, and for a client that has them already."""
    tagged = []
    for path in bench.pages():
        _, _, headers = bench.client.ask("GET", path)
        tagged.append(f"{path} {headers['ETag']}")
    full, known = [], []
    for _ in range(bench.rounds):
        full.append(bench.load(bench.pages()).rate)
        known.append(bench.load(tagged).rate)
    return {
        "full_requests_per_second": statistics.median(full),
        "known_requests_per_second": statistics.median(known),
        "times_full": statistics.median(known) / statistics.median(full),
    }


def bench_depth(bench: Bench) -> dict[str, Any]:
    """The first page and the last by turns, one client, in each order."""
    from catalog.api.queries import cursor_of

    results: dict[str, Any] = {}
    for ordering in ("sku", "-updated_at"):
        first = f"{LIST}&ordering={ordering}"
        end = f"SKU-{bench.products - 150:08d}" if ordering == "sku" else 151
        last = f"{first}&cursor={quote(cursor_of(ordering, end))}"
        times: dict[str, list[float]] = {first: [], last: []}
        for _ in range(40 * bench.rounds):
            for path, seconds in times.items():
                seconds.append(bench.client.ask("GET", path)[1])
        medians = [statistics.median(values) * 1000 for values in times.values()]
        results[ordering] = {
            "first_ms": medians[0],
            "last_ms": medians[1],
            "times_first": medians[1] / medians[0],
        }
    return results


def bench_bulk(bench: Bench) -> dict[str, Any]:
    """A thousand products per request: first created, then changed."""
    rows = [
        {
            "sku": f"BULK-{random.getrandbits(64):016x}",
            "title": f"Bulk product {number}",
            "brand": f"Brand {number % 300}",
            "category": f"category-{1 + number % 40}",
            "colour": "Red",
            "gender": "women",
            "attributes": {"Fabric": "Linen", "Fit": "Regular"},
            "state": "published",
        }
        for number in range(10_000 * bench.rounds)
    ]
    results = {}
    for name, change in (("created", {}), ("updated", {"colour": "Blue"})):
        seconds = 0.0
        for start in range(0, len(rows), 1000):
            body = {"products": [{**row, **change} for row in rows[start : start + 1000]]}
            answer, took, _ = bench.client.ask("POST", "/api/v1/bulk/products/", body)
            assert {row["outcome"] for row in answer["results"]} == {name}
            seconds += took
        results[f"{name}_per_second"] = len(rows) / seconds
    return results


def bench_mirror(bench: Bench) -> dict[str, Any]:
    """See `benchmarks/api_mirror.py`."""
    from benchmarks.api_mirror import mirror_run

    return mirror_run(bench.client)


PARTS: dict[str, Callable[[Bench], dict[str, Any]]] = {
    "list": bench_list,
    "half": bench_half,
    "revalidate": bench_revalidate,
    "depth": bench_depth,
    "bulk": bench_bulk,
    "mirror": bench_mirror,
}


def _queries(bench: Bench, path: str) -> int:
    """Queries of one page, with those of the key, counted in this process."""
    from django.db import connection
    from django.test import Client as TestClient
    from django.test.utils import CaptureQueriesContext

    client = TestClient(headers=bench.headers, SERVER_NAME="127.0.0.1")
    client.get(path)  # notes the key's use
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def _table(results: dict[str, Any]) -> str:
    """The results, one line per figure."""
    lines = []
    for part, figures in results["parts"].items():
        for name, value in _flat(figures):
            shown = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
            lines.append(f"{part:<11} {name:<34} {shown:>14}")
    return "\n".join(lines)


def _flat(figures: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in figures.items():
        full = f"{before}{name}"
        rows += _flat(value, f"{full} ") if isinstance(value, dict) else [(full, value)]
    return rows


def main() -> None:
    """Create the catalog where it is missing, run the parts, print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.api",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the catalog in DIR between runs"
    )
    parser.add_argument("--products", type=int, default=1_000_000, help="default: 1,000,000")
    parser.add_argument("--quick", action="store_true", help="20,000 products, short runs")
    parser.add_argument(
        "--seconds", type=int, default=8, help="seconds of each load run (default: 8)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="load runs; the median counts (default: 3)"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    products = 20_000 if options.quick else options.products
    with ExitStack() as stack:
        folder = options.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(database(folder))
        _prepare(products)
        stack.enter_context(web_server())
        if options.quick:
            options.seconds, options.rounds = 3, 1
        bench = Bench(products=products, seconds=options.seconds, rounds=options.rounds)
        results: dict[str, Any] = {"products": products, "machine": platform.platform()}
        results["parts"] = {}
        for part in options.only:
            results["parts"][part] = PARTS[part](bench)
            if not options.json:
                print(_table({"parts": {part: results["parts"][part]}}), flush=True)
    if options.json:
        print(json.dumps(results))


def _prepare(products: int) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from benchmarks.api_data import catalog_fill
    from catalog.models import Product

    if not Product.objects.exists():
        print(f"Making {products:,} products; this takes minutes.", file=sys.stderr, flush=True)
        catalog_fill(products)


if __name__ == "__main__":
    main()
