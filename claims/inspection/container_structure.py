"""A walk over the headers in a container, which refuses a file that is built to exhaust readers.

It reads nothing but the headers: libraries allocate memory for everything that headers promise,
and follow them inwards, before they read a single byte of media.
"""

import os
from io import BufferedReader
from typing import Final, assert_never

from claims.inspection.findings import Refusal
from claims.inspection.formats import Format
from claims.inspection.limits import Limits
from claims.inspection.report import FileProblem

# The boxes that hold nothing but boxes (ISO 14496-12 and QuickTime).
BOXES_OF_BOXES: Final = frozenset(
    b"moov trak mdia minf stbl dinf edts udta mvex moof traf mfra meco strk iprp ipco tref gmhd"
    b" tapt clip matt sinf schi wave ilst".split()
)
# All headers of a file, compressed: a few bytes grow a thousandfold, into boxes not yet checked.
COMPRESSED_HEADER: Final = b"cmov"
# Tables that may give one size for all samples and list none, with the offset of their count.
SAMPLE_TABLES: Final = {b"stsz": 8, b"stz2": 8, b"trun": 4}
# The edit list: the parts that are shown, and when. Cameras write one or two edits; readers go over
# all samples for each.
EDITS: Final = b"elst"
MOST_EDITS: Final = 1000

# The elements that hold nothing but elements (RFC 9559).
SEGMENT: Final = 0x18538067
CLUSTER: Final = 0x1F43B675
COMPRESSED: Final = 0x6D80
TOP_LEVEL: Final = frozenset(
    {CLUSTER, 0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B, 0x1043A770, 0x1254C367, 0x1941A469}
)
ELEMENTS_OF_ELEMENTS: Final = TOP_LEVEL | {
    SEGMENT,
    0x1A45DFA3,
    0x4DBB,  # Seek
    0xAE,  # TrackEntry
    0xE0,  # Video
    0xE1,  # Audio
    0x55B0,  # Colour
    0xE2,  # TrackOperation
    COMPRESSED,
    0xA0,  # BlockGroup
    0x75A1,  # BlockAdditions
    0xA6,  # BlockMore
    0x8E,  # Slices
    0xBB,  # CuePoint
    0xB7,  # CueTrackPositions
    0x45B9,  # EditionEntry
    0xB6,  # ChapterAtom, which may hold itself
    0x80,  # ChapterDisplay
    0x7373,  # Tag
    0x63C0,  # Targets
    0x67C8,  # SimpleTag, which may hold itself
    0x61A7,  # AttachedFile
}


def check_structure(source: BufferedReader, form: Format, limits: Limits) -> None:
    """Raise Refusal for a hostile structure. A merely broken file is left to its decoder."""
    match form:
        case Format.WEBM:
            _Elements(source.fileno(), limits).run()
        case Format.MP4 | Format.HEIC:
            _Boxes(source.fileno(), limits).run()
        case Format.PNG | Format.JPEG | Format.WEBP:
            raise ValueError(f"{form} has no such structure")
        case _:
            assert_never(form)


class _Walk:
    """A walk over the parts of a container, with the ends of the open parts, outermost first.

    A part that claims to reach beyond its parent ends with its parent. Readers see it so too, and
    would find anything hidden behind it.
    """

    def __init__(self, descriptor: int, limits: Limits) -> None:
        self._descriptor = descriptor
        self._limits = limits
        self._size = os.fstat(descriptor).st_size
        self._open = [self._size]
        self._parts = 0
        self._tracks = 0

    def run(self) -> None:
        at: int | None = 0
        while at is not None and at < self._size:
            while len(self._open) > 1 and at >= self._open[-1]:
                self._open.pop()
            self._parts += 1
            if self._parts > self._limits.max_parts:
                raise Refusal(FileProblem.TOO_COMPLEX)
            at = self._step(at)

    def _step(self, at: int) -> int | None:
        """Check the part at `at`; return the offset of the next, or None if the rest is garbage."""
        raise NotImplementedError

    def _enter(self, end: int) -> None:
        self._open.append(min(end, self._open[-1]))
        if len(self._open) > self._limits.max_depth:
            raise Refusal(FileProblem.TOO_COMPLEX)

    def _read(self, at: int, count: int) -> bytes:
        return os.pread(self._descriptor, count, at)


class _Boxes(_Walk):
    """The walk over the boxes of MP4, QuickTime and HEIC."""

    def _step(self, at: int) -> int | None:
        head = self._read(at, 20)
        size, name, body = int.from_bytes(head[:4]), head[4:8], at + 8
        if size == 1:
            size, body = int.from_bytes(head[8:16]), at + 16
        elif size == 0:
            size = self._open[-1] - at
        if len(head) < 8 or size < body - at:
            return self._leave()
        self._check(name, body)
        inner = body + self._meta_flags(body) if name == b"meta" else body
        if name == b"meta" or name in BOXES_OF_BOXES:
            self._enter(at + size)
            return inner
        return min(at + size, self._open[-1])

    def _check(self, name: bytes, body: int) -> None:
        if name == COMPRESSED_HEADER:
            raise Refusal(FileProblem.TOO_COMPLEX)
        if name in SAMPLE_TABLES:
            self._check_samples(self._read(body + SAMPLE_TABLES[name], 4))
        if name == EDITS and int.from_bytes(self._read(body + 4, 4)) > MOST_EDITS:
            raise Refusal(FileProblem.TOO_COMPLEX)
        if name == b"trak":
            self._count_track()

    def _count_track(self) -> None:
        self._tracks += 1
        if self._tracks > self._limits.max_streams:
            raise Refusal(FileProblem.TOO_MANY_STREAMS)

    def _leave(self) -> int | None:
        """Leave a box at the four zeros that end some QuickTime lists; return its end, or None."""
        return self._open.pop() if len(self._open) > 1 else None

    def _meta_flags(self, body: int) -> int:
        """Return the length of a `meta` box's flags: 4 in MPEG, 0 in QuickTime."""
        return 0 if self._read(body + 4, 4) == b"hdlr" else 4

    def _check_samples(self, count: bytes) -> None:
        # Each sample takes at least a byte.
        if int.from_bytes(count) > self._size:
            raise Refusal(FileProblem.TOO_COMPLEX)


class _Elements(_Walk):
    """The walk over the elements of WebM and Matroska."""

    def _step(self, at: int) -> int | None:
        head = self._read(at, 12)
        name, name_length = _name(head)
        size, size_length = _number(head[name_length:])
        if not name_length or not size_length:
            return None
        if name == COMPRESSED:
            # WebM has no compressed blocks, and one can grow a thousandfold.
            raise Refusal(FileProblem.TOO_COMPLEX)
        self._rise(name)
        body = at + name_length + size_length
        if name in ELEMENTS_OF_ELEMENTS:
            self._enter(self._open[-1] if size is None else body + size)
            return body
        return None if size is None else min(body + size, self._open[-1])

    def _rise(self, name: int) -> None:
        """Close the parts that end here; a live recording's end where the next of a kind begins."""
        if name == SEGMENT:
            del self._open[1:]
        elif name in TOP_LEVEL:
            del self._open[2:]


def _name(head: bytes) -> tuple[int, int]:
    """Return an element's id with its length marker, and its length in bytes; 0 for no id."""
    length = 9 - head[0].bit_length() if head else 9
    return (int.from_bytes(head[:length]), length) if length <= 4 else (0, 0)


def _number(head: bytes) -> tuple[int | None, int]:
    """Return a size (None if unknown) and its length in bytes; 0 for no size."""
    length = 9 - head[0].bit_length() if head else 9
    if length > 8 or len(head) < length:
        return None, 0
    value = int.from_bytes(head[:length]) & ((1 << 7 * length) - 1)
    return (None if value == (1 << 7 * length) - 1 else value), length
