"""What the model writes of the same few photos after each epoch: learning that can be read."""

import json
from collections.abc import Sequence
from pathlib import Path

from moda_engine.describing.describer import DescribeOptions, Describer
from moda_engine.exceptions import PhotoError


class ExampleLog:
    """Describes `photos`, and appends a line an epoch to the file `path`.

    Args:
        adapter: the name of the adapter that learns, where one does.
    """

    def __init__(
        self, path: Path, describer: Describer, photos: Sequence[Path], adapter: str | None
    ) -> None:
        self.path = path
        self.describer = describer
        self.photos = photos
        self.options = DescribeOptions(adapter=adapter)

    def write(self, epoch: int) -> list[str]:
        """What the model writes after `epoch`, in the photos' order; empty of an unreadable one."""
        if not self.photos:
            return []
        self.describer.model.eval()
        texts = [self._text(photo) for photo in self.photos]
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"epoch": epoch, "texts": texts}, ensure_ascii=False) + "\n")
        return texts

    def _text(self, photo: Path) -> str:
        try:
            return self.describer.describe([photo], options=self.options)[0].text
        except PhotoError:
            return ""
