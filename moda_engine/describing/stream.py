"""Photos in at one end, descriptions out at the other, in order, each stage ahead of the next.

Photos are read in threads, encoded a batch at a time, and join the texts in work as others end.
Those that are read, encoded or written before their turn are few: no more than a few batches. Where
the source is slow, what it has given is described without waiting for more.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import torch

from moda_engine.describing.description import DescribeOptions, Description
from moda_engine.describing.reading import Known, ReadAhead, ReadPhoto
from moda_engine.describing.wordings import Encoded, Wordings, unasked
from moda_engine.exceptions import PhotoError
from moda_engine.inference.prompts import Prompt, Written
from moda_engine.inference.vision import ImageEncoder
from moda_engine.inference.writer import Writer
from moda_engine.photos import Photo
from moda_engine.processor import ModaProcessor

#: Batches that may have been begun while the first photo of them waits for its turn.
_WINDOW = 3
#: Seconds in which a source may fill a batch, once it has given a photo.
_PATIENCE = 0.05


class DescriptionStream:
    """One pass over photos. A source of prompts to the writer, which it gives what is next."""

    def __init__(
        self,
        processor: ModaProcessor,
        encode: ImageEncoder,
        writer: Writer,
        wordings: Wordings,
        options: DescribeOptions,
    ) -> None:
        self._encode = encode
        self._processor = processor
        self._writer = writer
        self._wordings = wordings
        self._options = options
        self._encoded: deque[Prompt] = deque()
        #: All that were read and not given yet, by their number.
        self._waiting: dict[int, ReadPhoto] = {}
        self._errors: dict[int, PhotoError] = {}
        self._photos_encoded: dict[int, Encoded] = {}
        self._written: dict[int, Written | None] = {}
        #: The photo's number of each prompt, in the order of prompts.
        self._numbers: list[int] = []
        self._read = 0
        self._given = 0

    def run(self, pairs: Iterable[tuple[Photo, Known]]) -> Iterator[Description | PhotoError]:
        """For each photo its description, or why there is none, in order."""
        size = self._options.batch_size
        with ReadAhead(pairs, self._processor, size) as self._photos:
            while self._photos.wait():
                # Of what there is now: where the source has nothing more, the writer ends.
                self._numbers = []
                self._has_more = True
                for ended in self._writer.write(self, size, self._options.adapter):
                    for place, written in ended:
                        self._written[self._numbers[place]] = written
                    least = 1 if self._photos.is_dry else size
                    while len(ready := self._ready()) >= least:
                        yield from self._described(ready[:size])
                while ready := self._ready():
                    yield from self._described(ready[:size])

    @property
    def is_exhausted(self) -> bool:
        """Whether every photo that is there was given to the writer."""
        return not self._has_more and not self._encoded

    def take(self, room: int) -> list[Prompt]:
        """The next photos' prompts; none while too many wait for one that takes long."""
        allowed = (_WINDOW - 1) * self._options.batch_size
        while len(self._encoded) < room and self._read - self._given <= allowed:
            self._has_more = self._photos.has_photo
            if not self._has_more:
                break
            self._encode_next()
        return [self._encoded.popleft() for _ in range(min(room, len(self._encoded)))]

    @torch.inference_mode()
    def _encode_next(self) -> None:
        numbers = self._read_next()
        if not numbers:
            return
        self._writer.use(self._options.adapter)
        photos = self._encode_photos(numbers)
        shown = []
        for number, photo in zip(numbers, photos, strict=True):
            self._photos_encoded[number] = photo
            if self._wordings.is_model_asked(photo, self._options):
                shown.append((number, photo))
            else:
                self._written[number] = unasked(photo, self._options)
        self._prompt(shown)

    def _prompt(self, shown: list[tuple[int, Encoded]]) -> None:
        """Make prompts of photos; one of which none can be made is an error in its place."""
        try:
            self._encoded += self._wordings.prompts([photo for _, photo in shown], self._options)
            self._numbers += [number for number, _ in shown]
        except ValueError as error:
            if len(shown) > 1:
                for one in shown:
                    self._prompt([one])
                return
            [(number, _)] = shown
            del self._photos_encoded[number]
            self._errors[number] = PhotoError(str(error))

    def _encode_photos(self, numbers: list[int]) -> list[Encoded]:
        read = [self._waiting[number] for number in numbers]
        features = self._encode(torch.stack([photo.pixels for photo in read]))
        return self._wordings.encoded(features, [photo.product for photo in read], self._options)

    def _read_next(self) -> list[int]:
        """Numbers of the next batch of readable photos."""
        numbers: list[int] = []
        for photo in self._photos.take(self._options.batch_size, _PATIENCE):
            if isinstance(photo, ReadPhoto):
                self._waiting[self._read] = photo
                numbers.append(self._read)
            else:
                self._errors[self._read] = photo
            self._read += 1
        return numbers

    def _ready(self) -> list[int]:
        """Numbers of the photos whose turn it is."""
        numbers = []
        for number in range(self._given, self._read):
            if number not in self._written and number not in self._errors:
                break
            numbers.append(number)
        return numbers

    def _described(self, numbers: list[int]) -> Iterator[Description | PhotoError]:
        readable = [number for number in numbers if number in self._written]
        found: dict[int, Description | PhotoError] = dict(self._errors)
        if readable:
            photos = [self._photos_encoded.pop(number) for number in readable]
            written = [self._written.pop(number) for number in readable]
            described, undecided = self._wordings.descriptions(photos, written, self._options)
            found |= zip(readable, described, strict=True)
            if self._options.batch_size > 1 and self._read > 1:
                found |= {readable[row]: self._alone(readable[row]) for row in undecided}
        for number in numbers:
            self._waiting.pop(number, None)
            self._errors.pop(number, None)
            self._given += 1
            yield _with_text(found[number])

    @torch.inference_mode()
    def _alone(self, number: int) -> Description:
        """The description of a photo in no company, whose words are its own."""
        photos = self._encode_photos([number])
        written = self._wordings.written(photos, self._options)
        return self._wordings.descriptions(photos, written, self._options)[0][0]


def _with_text(found: Description | PhotoError) -> Description | PhotoError:
    """What was found; an error where a photo shows an item, and nothing was written of it."""
    if isinstance(found, Description) and found.recognised and not found.text.strip():
        return PhotoError(
            "The model wrote nothing of the photo: it is not trained, or its weights are damaged."
        )
    return found
