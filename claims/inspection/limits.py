"""The limits of an inspection, on the file and on the child that reads it."""

from dataclasses import dataclass, replace
from typing import Self, assert_never, get_args

from claims.inspection.formats import EvidenceKind

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    max_picture_bytes: int = 10 * MEBIBYTE
    """"10 MB" in binary megabytes, as devices count, which is the more generous reading."""
    max_video_bytes: int = 100 * MEBIBYTE

    max_picture_pixels: int = 65_000_000
    """Enough for phone cameras of 48, 50 and 64 megapixels."""
    max_picture_side: int = 20_000
    """Pixels; a scrolling screenshot is tall."""
    max_video_pixels: int = 4096 * 2304
    """Pixels of one frame: 4K."""
    max_video_side: int = 4096
    min_side: int = 16
    """Pixels; anything smaller shows nothing."""

    max_frames: int = 21_600
    """Enough for the longest video at 120 frames a second."""
    max_packets: int = 100_000
    """Packets of pictures and sound together. The shortest in use last 2.5 milliseconds, which
    makes 72,000 in the longest video."""
    max_streams: int = 16
    """Phones write one video track, one or two sound tracks and several of sensor data."""
    max_bit_rate: int = 250_000_000
    """Bits a second over the whole file. Phones write at most 100 million (4K at 60 frames)."""
    max_depth: int = 12
    """The nesting depth of boxes or elements, counting the file itself. Phones and browsers write
    six levels; FFmpeg follows ten (MP4) or sixteen (WebM)."""
    max_parts: int = 200_000
    """Boxes or elements. A live recording has a few for each frame; a walk over this many takes a
    second."""
    min_duration: float = 1.0
    """Seconds, like all durations here."""
    max_duration: float = 180.0
    duration_slack: float = 0.25
    """Seconds of tolerance at both ends: recorders stop a little early or late, and frames and
    containers round. See docs/adr/0006."""

    cpu_seconds: int = 900
    wall_seconds: float = 900.0
    picture_cpu_seconds: int = 20
    picture_wall_seconds: float = 40.0
    memory_bytes: int = 2048 * MEBIBYTE
    """The child's address space. A transparent 64 megapixel picture takes about half of it."""
    output_bytes: int = 128 * MEBIBYTE
    """The largest file that the child may write."""
    folder_bytes: int = 192 * MEBIBYTE
    """The most that all of the child's files take together."""
    folder_files: int = 16
    threads: int = 128

    rendition_pixels: int = 4096 * 4096
    """The most pixels of a picture's rendition. A limit on its sides would make the text of a long
    screenshot too small."""
    rendition_longest_side: int = 16_383
    """The longest side that WebP allows."""
    video_longest_side: int = 2560
    video_shortest_side: int = 1080
    """Together with the longest side: a tall phone's screen, narrower than 1080p is wide, keeps its
    size or nearly so; anything else becomes 1080p."""
    video_rate: int = 30
    """The most frames a second in a video's rendition."""

    @property
    def most_bytes(self) -> int:
        """The size of the largest file of any kind."""
        return max(self.max_bytes(kind) for kind in get_args(EvidenceKind))

    def max_bytes(self, kind: EvidenceKind) -> int:
        match kind:
            case "screenshot":
                return self.max_picture_bytes
            case "video":
                return self.max_video_bytes
            case _:
                assert_never(kind)

    def for_kind(self, kind: EvidenceKind) -> Self:
        """Return these limits with the CPU and wall time for a file of this kind."""
        match kind:
            case "screenshot":
                return replace(
                    self,
                    cpu_seconds=self.picture_cpu_seconds,
                    wall_seconds=self.picture_wall_seconds,
                )
            case "video":
                return self
            case _:
                assert_never(kind)
