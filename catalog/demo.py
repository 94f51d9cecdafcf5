"""What `manage.py demo` does, step by step: photos, a log-in, a job, and what came of it."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.contrib.auth import get_user_model
from tqdm import tqdm

from catalog.choices import DescriptionState, JobItemState
from catalog.exceptions import ImportRefused
from catalog.models import Description, DescriptionJob
from catalog.selectors.jobs import job_progress


def demo_source(*, images: str, data_directory: Path, root: Path) -> Path:
    """The folder to import. Draws the demo catalog on the first call; raises `ImportRefused`."""
    if images:
        folder = Path(images).expanduser().resolve()
        if not folder.is_dir():
            raise ImportRefused(f"There is no folder {folder}. Give one that holds photos.")
        return folder
    folder = data_directory / "demo"
    if not (folder / "metadata.jsonl").is_file():
        # The catalog's only door to the laboratory, and a process of its own: nothing is imported.
        command = [sys.executable, "-m", "lab.drawings", "--output", str(folder)]
        done = subprocess.run(  # noqa: S603 (a fixed program; the folder is our own)
            command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
            raise ImportRefused(f"The demo catalog could not be drawn: {lines[-1]}")
    return folder


USERNAME = "admin"


def demo_account(*, data_directory: Path) -> tuple[str, str]:
    """(user, password) to print. An account that exists is never changed.

    The password is a hint in brackets where it is not the one that we once made up.
    """
    file = data_directory / "demo-password"
    users = get_user_model().objects
    user = users.filter(username=USERNAME).first()
    if user is None:
        password = _stored(file) or _store(file, secrets.token_urlsafe(12))
        users.create_superuser(username=USERNAME, password=password)
        return USERNAME, password
    password = _stored(file)
    if password and user.check_password(password):
        return USERNAME, password
    return USERNAME, "(the one you gave this user)"


def _stored(file: Path) -> str:
    return file.read_text().strip() if file.is_file() else ""


def _store(file: Path, password: str) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Mode 600 from its first moment on, not after the write.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(password + "\n")
    return password


#: Seconds without any item ending after which we say that the workers do not answer.
SILENCE_SECONDS = 300.0
#: Seconds between looks at the rows.
LOOK_EVERY = 0.5


class WorkersSilent(Exception):
    """No worker ended an item for too long."""


def job_follow(
    *, job: DescriptionJob, wait: Callable[[float], None], silence_seconds: float = SILENCE_SECONDS
) -> None:
    """Show the progress of a job until it ends, or raise `WorkersSilent`; `wait` sleeps."""
    first = job_progress(job)
    heard = time.monotonic()
    to_do = first.total - first.skipped
    with tqdm(total=to_do, unit="photo", desc="Describing", mininterval=1) as bar:
        while True:
            job.refresh_from_db()
            progress = job_progress(job)
            ended = progress.done + progress.failed + progress.cancelled
            if ended > bar.n:
                heard = time.monotonic()
                bar.update(ended - bar.n)
            if not job.is_open:
                return
            if time.monotonic() - heard > silence_seconds:
                raise WorkersSilent(
                    f"No worker has described a photo for {silence_seconds:.0f} seconds."
                )
            wait(LOOK_EVERY)


#: Rows read from the database at a time.
CHUNK = 500


def description_lines(*, job: DescriptionJob) -> Iterator[str]:
    """`SKU  title — description` of every product of the job that has a text, by SKU.

    Of several texts the approved one, else the newest draft.
    """
    texts = (
        Description.objects.filter(
            product__job_items__job=job,
            language=job.language,
            state__in=(DescriptionState.APPROVED, DescriptionState.DRAFT),
        )
        .select_related("product")
        .order_by("product__sku", "state", "-id")
    )
    sku = ""
    for text in texts.iterator(chunk_size=CHUNK):
        if text.product.sku != sku:
            sku = text.product.sku
            yield f"{sku}  {text.product.title} — {' '.join(text.standard.split())}"


def failure_lines(*, job: DescriptionJob) -> Iterator[str]:
    """`SKU  why` of every item that failed, by SKU."""
    failed = job.items.filter(state=JobItemState.FAILED).select_related("product")
    for item in failed.order_by("product__sku").iterator(chunk_size=CHUNK):
        yield f"{item.product.sku}  {item.get_failure_reason_display()} ({item.detail})"
