"""The store behind Xet: xorbs (bundles of chunks) and the files made of them."""

import hashlib
import struct
from dataclasses import dataclass

from minihub import lz4
from minihub.messages import HubError

RECORD = 48  # bytes of every record of a shard
BOOKEND = b"\xff" * 32  # in place of a hash: the end of the file section
HAS_VERIFICATION, HAS_SHA256 = 1 << 31, 1 << 30
CHUNK_HEADER = 8
FOOTER = b"XETB"  # begins the optional footer of a xorb
RAW, LZ4, GROUPED_LZ4 = 0, 1, 2


@dataclass(frozen=True)
class Term:
    """A part of a file: chunks `first` to `last` (excluded) of a xorb."""

    xorb: str
    size: int
    first: int
    last: int


@dataclass(frozen=True)
class Chunk:
    """Where a chunk, with its header, lies in its xorb, and how it is packed."""

    start: int
    end: int
    scheme: int
    size: int


def hash_text(digest: bytes) -> str:
    """A Xet hash as text: four little-endian 64-bit words."""
    return "".join(f"{word:016x}" for word in struct.unpack("<4Q", digest))


class XetStore:
    """Content by hash; nothing is ever replaced or forgotten.

    Attributes:
        xorbs: Xorb hash -> its bytes as uploaded.
        files: File hash -> its terms.
        by_sha256: sha256 of a file -> its file hash.
    """

    def __init__(self):
        self.xorbs: dict[str, bytes] = {}
        self.files: dict[str, list[Term]] = {}
        self.by_sha256: dict[str, str] = {}

    def add_shard(self, shard: bytes) -> None:
        """Register the files that a shard describes, after a check of their bytes."""
        place = RECORD  # after the shard's header
        while shard[place : place + 32] != BOOKEND:
            xet_hash = hash_text(shard[place : place + 32])
            flags, count = struct.unpack_from("<II", shard, place + 32)
            place += RECORD
            terms = [read_term(shard, place + RECORD * n) for n in range(count)]
            place += RECORD * count
            if flags & HAS_VERIFICATION:
                place += RECORD * count
            self.files[xet_hash] = terms
            sha256 = hashlib.sha256(self.read(xet_hash)).hexdigest()
            if flags & HAS_SHA256:
                if hash_text(shard[place : place + 32]) != sha256:
                    raise HubError(
                        400, "the file does not have the sha256 of its shard"
                    )
                place += RECORD
            self.by_sha256[sha256] = xet_hash

    def read(self, xet_hash: str) -> bytes:
        """The bytes of a file."""
        return b"".join(self._read_term(term) for term in self.files[xet_hash])

    def chunks(self, xorb: str) -> list[Chunk]:
        """The chunks of a xorb, in order."""
        data, place, chunks = self.xorbs[xorb], 0, []
        while place < len(data) and data[place : place + 4] != FOOTER:
            packed = int.from_bytes(data[place + 1 : place + 4], "little")
            size = int.from_bytes(data[place + 5 : place + 8], "little")
            end = place + CHUNK_HEADER + packed
            chunks.append(Chunk(place, end, data[place + 4], size))
            place = end
        return chunks

    def _read_term(self, term: Term) -> bytes:
        if term.xorb not in self.xorbs:
            raise HubError(400, f"the shard names the unknown xorb {term.xorb}")
        data, parts = self.xorbs[term.xorb], []
        for chunk in self.chunks(term.xorb)[term.first : term.last]:
            packed = data[chunk.start + CHUNK_HEADER : chunk.end]
            parts.append(unpack(packed, chunk.scheme, chunk.size))
        content = b"".join(parts)
        if len(content) != term.size:
            raise HubError(400, f"{len(content)} bytes for a term of {term.size}")
        return content


def read_term(shard: bytes, place: int) -> Term:
    """The term in the record at `place`."""
    _, size, first, last = struct.unpack_from("<IIII", shard, place + 32)
    return Term(hash_text(shard[place : place + 32]), size, first, last)


def unpack(packed: bytes, scheme: int, size: int) -> bytes:
    """The `size` bytes of a chunk."""
    if scheme == RAW:
        return packed
    if scheme == LZ4:
        return lz4.decompress(packed)
    if scheme == GROUPED_LZ4:
        return ungroup(lz4.decompress(packed), size)
    raise HubError(400, f"minihub does not know the chunk scheme {scheme}")


def ungroup(data: bytes, size: int) -> bytes:
    """Interleave four runs again: bytes 0, 4, 8, ..., then 1, 5, 9, ... and so on."""
    out, place = bytearray(size), 0
    for first in range(4):
        count = len(range(first, size, 4))
        out[first::4] = data[place : place + count]
        place += count
    return bytes(out)
