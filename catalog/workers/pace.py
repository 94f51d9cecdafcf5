"""How many photos make a batch that suits this process."""

from django.conf import settings

#: Seconds that a batch should take: long enough that the database costs little beside the model,
#: short enough that urgent work, and a request to stop, wait no longer than that.
BATCH_SECONDS = 1.0
#: Photos that the engine runs at a time. Fewer cost it nearly as long, so batches are multiples of
#: this, even where one takes longer than BATCH_SECONDS.
ENGINE_BATCH = 16
#: Seconds beyond which a batch is made smaller all the same; well below a lease.
LONGEST_SECONDS = 10.0


class Pace:
    """Learns how fast the process describes, and says how much it should take at a time."""

    def __init__(self) -> None:
        self._speed: float | None = None
        self._largest = ENGINE_BATCH

    def limit(self) -> int:
        """Photos for the next batch: what takes about BATCH_SECONDS, `LEASE_BATCH` at most."""
        if self._speed is None:
            return min(ENGINE_BATCH, settings.LEASE_BATCH)
        engine_batches = max(1, int(self._speed * BATCH_SECONDS) // ENGINE_BATCH)
        slow = max(1, int(self._speed * LONGEST_SECONDS))
        # It grows by doubling: a first batch that happened to be quick proves little.
        return min(engine_batches * ENGINE_BATCH, slow, self._largest, settings.LEASE_BATCH)

    def note(self, *, photos: int, seconds: float) -> None:
        """A batch took so long. Its speed and the former ones count half each."""
        speed = photos / max(seconds, 0.001)
        self._speed = speed if self._speed is None else (self._speed + speed) / 2
        self._largest = max(self._largest, 2 * photos)
