"""A reader of LZ4 frames, so that the hub needs no package to open Xet chunks."""

MAGIC = b"\x04\x22\x4d\x18"
RAW_BLOCK = 1 << 31


def decompress(frame: bytes) -> bytes:
    """The bytes of one frame. Its checksums are not checked: sha256 covers the file."""
    if frame[:4] != MAGIC:
        raise ValueError(f"not an LZ4 frame: it begins with {frame[:4].hex()}")
    flags = frame[4]
    has_size, has_dictionary = flags & 0x08, flags & 0x01
    block_checksum = 4 if flags & 0x10 else 0
    place = 7 + (8 if has_size else 0) + (4 if has_dictionary else 0)
    out = bytearray()
    while size := int.from_bytes(frame[place : place + 4], "little"):
        place += 4
        length = size & ~RAW_BLOCK
        block = frame[place : place + length]
        if size & RAW_BLOCK:
            out += block
        else:
            _append_block(block, out)
        place += length + block_checksum
    return bytes(out)


def _append_block(block: bytes, out: bytearray) -> None:
    """Append the content of a block, whose matches may reach back into `out`."""
    place = 0
    while True:
        token = block[place]
        count, place = _length(block, place + 1, token >> 4)
        out += block[place : place + count]
        place += count
        if place >= len(block):  # the last sequence has literals only
            return
        distance = int.from_bytes(block[place : place + 2], "little")
        count, place = _length(block, place + 2, token & 15)
        count += 4  # the shortest match
        start = len(out) - distance
        match = out[start : start + count]
        out += (match * (count // len(match) + 1))[:count]  # a match may overlap itself


def _length(block: bytes, place: int, length: int) -> tuple[int, int]:
    """A length whose nibble may go on in bytes, and the place after it."""
    if length == 15:
        while (more := block[place]) == 255:
            length, place = length + 255, place + 1
        length, place = length + more, place + 1
    return length, place
