"""Says whether an encoded picture is there to its end. Reads the file's frame, decodes nothing.

The decoders forgive the loss of a file's last bytes (a PNG's check sums, a JPEG's end marker), and
a photo that lost its end on the way should be sent again rather than stored.
"""

import re
import struct
import zlib

#: A marker of a JPEG that is neither a stuffed byte, nor a restart, nor padding.
_JPEG_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_NO_LENGTH = (0x01, 0xD8)  # markers that stand alone
_END_OF_IMAGE = 0xD9


def jpeg_is_whole(data: bytes) -> bool:
    """Whether the picture's own end marker is there, not one of a preview inside a segment."""
    position = 2  # behind the start marker
    while marker := _JPEG_MARKER.search(data, position):
        kind = marker[1][0]
        if kind == _END_OF_IMAGE:
            return True
        position = marker.end()
        if kind not in _NO_LENGTH:
            # A length counts its own two bytes. Picture data follow some segments: the search for
            # the next marker passes over them.
            position += int.from_bytes(data[position : position + 2], "big")
    return False


def png_is_whole(data: bytes) -> bool:
    """Whether all chunks up to the last are there, with the right check sums."""
    position, kind = 8, b""  # behind the signature
    while kind != b"IEND":
        try:
            length, kind = struct.unpack_from(">I4s", data, position)
            end = position + 8 + length
            (checksum,) = struct.unpack_from(">I", data, end)
        except struct.error:
            return False
        if zlib.crc32(data[position + 4 : end]) != checksum:
            return False
        position = end + 4
    return True
