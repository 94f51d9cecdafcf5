"""Take the screenshots of README and docs of a running MODA into `docs/images/`.

    python docs/make_screenshots.py http://127.0.0.1:8000 admin PASSWORD

Run it against the demo catalog, partly approved and retrained from, whose pictures are drawn by
code: photos of other people's products must not enter the repository. Needs `requirements-dev.txt`
and a Chromium. Pictures are written as PNG; one that would be over 150 kB gets a palette, and if
that does not do, becomes a JPEG.
"""

import io
import re
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parent / "images"
MOST_BYTES = 150_000
WIDE, TALL = 1280, 860
#: Photos under the fold load when somebody scrolls to them.
ALL_PHOTOS_SHOWN = """() => [...document.images].every(
    photo => photo.complete || photo.getBoundingClientRect().top > window.innerHeight)"""


def main(address: str, user: str, password: str) -> None:
    """Log in and take every picture."""
    IMAGES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDE, "height": TALL}, color_scheme="light")
        page.goto(f"{address}/admin/login/?next=/admin/")
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/")
        for name, path in pages(page, address).items():
            page.goto(f"{address}{path}")
            page.wait_for_load_state("load")
            page.wait_for_function(ALL_PHOTOS_SHOWN)
            if name == "api-docs":
                page.locator("#operations-products-products_retrieve .opblock-summary-path").click()
                page.get_by_role("button", name="Try it out").wait_for()
            save(name, page.screenshot())
        desk(page, address)
        browser.close()


def desk(page: Page, address: str) -> None:
    """The review desk: a text with an edit under way, the reasons, the keys; nothing is saved."""
    page.goto(f"{address}/admin/review/next/")
    editor = page.get_by_role("textbox", name="Description", exact=True)
    editor.wait_for()
    wearer = re.sub(r"\bmen\b", "boys", re.sub(r"\bwomen\b", "girls", editor.input_value()))
    editor.fill(f"{wearer} Made for every day.")
    page.locator(".desk-comparison ins").first.wait_for()
    page.mouse.move(0, 0)
    page.keyboard.press("Escape")
    save("review-item", page.screenshot())
    page.keyboard.press("r")
    save("review-reject", page.screenshot())
    page.keyboard.press("Escape")
    page.evaluate("Object.keys(localStorage).forEach(key => localStorage.removeItem(key))")


def pages(page: Page, address: str) -> dict[str, str]:
    """File name -> path. The draft and the job are the first that the lists show."""
    return {
        "storefront": "/",
        "products": "/admin/catalog/product/",
        "retrain-start": "/admin/catalog/trainingrun/start/",
        "retrain-watch": first_link(page, f"{address}/admin/catalog/trainingrun/"),
        "retrain-judge": first_link(page, f"{address}/admin/catalog/modelversion/"),
        "review-queue": "/admin/review/",
        "job-progress": first_link(page, f"{address}/admin/catalog/descriptionjob/"),
        "api-docs": "/api/v1/docs/",
    }


def first_link(page: Page, list_address: str) -> str:
    """The path that the first row of an admin list leads to. Stops when the list is empty."""
    page.goto(list_address)
    link = page.locator("#result_list tbody tr th a, #result_list tbody tr td a").first
    if not link.count():
        sys.exit(f"{list_address} is empty: describe the demo catalog and approve a part first.")
    return str(link.evaluate("link => link.pathname"))


def save(name: str, content: bytes) -> None:
    """Write one picture as small as it looks well; says what was written."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    for suffix in ("png", "jpg"):
        (IMAGES / f"{name}.{suffix}").unlink(missing_ok=True)
    buffer, suffix = encoded(picture, "PNG"), "png"
    if buffer.tell() > MOST_BYTES:
        buffer = encoded(picture.quantize(256, dither=Image.Dither.NONE), "PNG")
    if buffer.tell() > MOST_BYTES:
        buffer, suffix = encoded(picture, "JPEG", quality=82, progressive=True), "jpg"
    file = IMAGES / f"{name}.{suffix}"
    file.write_bytes(buffer.getvalue())
    sys.stdout.write(f"{file.name}: {file.stat().st_size:,} bytes\n")


def encoded(picture: Image.Image, kind: str, **options: object) -> io.BytesIO:
    """The picture's bytes, written with `options`; the position tells their number."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, optimize=True, **options)
    return buffer


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3])
