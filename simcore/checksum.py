"""The checksum that a file ends in: whether what was written is still all there."""

from __future__ import annotations

from pathlib import Path

from xxhash import xxh3_128

MAGIC = b"simcore\0"
DIGEST_BYTES = 16
CHUNK_BYTES = 1 << 22


def intact(path: Path) -> bool:
    """Whether a file ends in the checksum of what stands before it."""
    if not path.is_file():
        return False
    size = path.stat().st_size - DIGEST_BYTES - len(MAGIC)
    if size <= 0:
        return False
    with path.open("rb") as stream:
        stream.seek(size)
        tail = stream.read()
    return tail == MAGIC + _digest(path, size)


def add_checksum(path: Path) -> None:
    """End a file, now whole, in the checksum of what stands in it."""
    digest = _digest(path, path.stat().st_size)
    with path.open("ab") as stream:
        stream.write(MAGIC + digest)


def _digest(path: Path, size: int) -> bytes:
    digest = xxh3_128()  # of DIGEST_BYTES; as fast as memory is read
    with path.open("rb") as stream:
        left = size
        while left and (chunk := stream.read(min(CHUNK_BYTES, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.digest()
