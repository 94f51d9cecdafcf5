"""A mirror that follows `updated_since` while a writer changes rows; then both are compared.

`python -m benchmarks.api_mirror SECONDS` is the writer, a process of its own that ends by itself.
"""

import random
import subprocess
import sys
import time
from hashlib import sha256
from typing import Any

from benchmarks.api_client import Client, path_of
from benchmarks.api_servers import ROOT

START = "/api/v1/products/?updated_since=1970-01-01T00:00:00Z&limit=200"
#: Members that the comparison looks at.
_MEMBERS = ("title", "colour", "brand", "state")


def mirror_run(client: Client) -> dict[str, Any]:
    """Copy everything by the API while a writer works; returns counts, and rows that differ."""
    from catalog.models import Product

    copy: dict[str, bytes] = {}
    begun = time.perf_counter()
    writer = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.api_mirror"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    link, requests = START, 0
    while True:
        page, _, _ = client.ask("GET", link)
        requests += 1
        for product in page["results"]:
            if product.get("deleted"):
                copy.pop(product["sku"], None)
            else:
                copy[product["sku"]] = _digest(*(product[name] for name in _MEMBERS))
        if page["next"]:
            link = path_of(page["next"])
            continue
        link = path_of(page["resume"])
        if writer.poll() is not None and not page["results"]:
            break
        if writer.poll() is None and writer.stdin is None:
            writer.terminate()  # the first copy is complete: let the writer end
    seconds = time.perf_counter() - begun
    changes = int(writer.communicate()[0] or 0)
    wrong = 0
    rows = Product.objects.filter(state="published").values_list("sku", *_MEMBERS)
    for sku, *values in rows.iterator(chunk_size=10_000):
        wrong += copy.pop(sku, b"") != _digest(*values)
    return {
        "rows": rows.count(),
        "seconds": seconds,
        "requests": requests,
        "changes_meanwhile": changes,
        "rows_that_differ": wrong + len(copy),
    }


def _digest(*values: str) -> bytes:
    return sha256("\0".join(values).encode()).digest()[:8]


def _write() -> None:
    """Change, delete, hide and add products at random until the time is over; print how many."""
    import signal

    import django

    django.setup()
    from django.db import transaction

    from catalog.models import Description, DescriptionEvent, Product, ProductImage

    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    lowest, highest = (
        Product.objects.order_by(order).values_list("pk", flat=True).first() or 0
        for order in ("pk", "-pk")
    )
    changes = 0
    while not stop:
        # Some transactions take longer, so that they end in another order than they began.
        keys = [random.randint(lowest, highest) for _ in range(5)]
        with transaction.atomic():
            Product.objects.filter(pk__in=keys[:3]).update(colour=f"Colour {changes}")
            Product.objects.filter(pk=keys[3]).update(state=random.choice(("draft", "published")))
            if changes % 5 == 0:
                gone = {"product": keys[4]}
                DescriptionEvent.objects.filter(description__product=keys[4]).delete()
                Description.objects.filter(**gone).delete()
                ProductImage.objects.filter(**gone).delete()
                Product.objects.filter(pk=keys[4]).delete()
                Product.objects.create(sku=f"NEW-{time.time_ns()}", title="New", state="published")
            if changes % 7 == 0:
                time.sleep(0.05)
        changes += 5
    print(changes)


if __name__ == "__main__":
    _write()
