"""How many photos make a batch that suits this process."""

from django.conf import settings

#: Seconds that a batch should take: long enough that the database costs little beside the model,
#: short enough that urgent work, and a request to stop, wait no longer than that.
BATCH_SECONDS = 1.0
#: Photos in the first batch, before any speed is known.
FIRST_BATCH = 16


class Pace:
    """Learns how fast the process describes, and says how much it should take at a time."""

    def __init__(self) -> None:
        self._speed: float | None = None
        self._largest = FIRST_BATCH

    def limit(self) -> int:
        """Photos for the next batch: what takes BATCH_SECONDS, `LEASE_BATCH` at most."""
        wanted = FIRST_BATCH if self._speed is None else round(self._speed * BATCH_SECONDS)
        # It grows by doubling: a first batch that happened to be quick proves little.
        return max(1, min(wanted, self._largest, settings.LEASE_BATCH))

    def note(self, *, photos: int, seconds: float) -> None:
        """A batch took so long. Its speed and the former ones count half each."""
        speed = photos / max(seconds, 0.001)
        self._speed = speed if self._speed is None else (self._speed + speed) / 2
        self._largest = max(self._largest, 2 * photos)
