"""The transcoding of a video, frame by frame. Runs in the confined child only."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from claims.inspection.confinement.progress import Teller
from claims.inspection.findings import VIDEO, Findings, Refusal
from claims.inspection.limits import Limits
from claims.inspection.report import FileProblem
from claims.inspection.videos.frames import Frames
from claims.inspection.videos.measures import (
    check_duration,
    check_not_too_long,
    check_size,
)
from claims.inspection.videos.orientation import Upright
from claims.inspection.videos.posters import Poster

TICKS: Final = Fraction(1, 90_000)
"""The tick of the rendition's clock, in seconds: fine enough for every frame rate."""

THREADS: Final = 2

SETTINGS: Final = {
    "preset": "veryfast",
    "crf": "26",
    # At this rate any 180 s stay below the largest file that the child may write.
    "maxrate": "4M",
    "bufsize": "8M",
    # A key frame at least every two seconds, for seeking.
    "g": "60",
}
WITHOUT_NOTES: Final = "filter_units=remove_types=6"
"""Removes H.264's units of type 6, which hold extra information; x264 signs its name in one."""

SOUND_RATE: Final = 48_000
SOUND_BIT_RATE: Final = 128_000

# BT.709 in the narrow range (ISO 23091-2), which players assume for high definition.
BT709: Final = 1
NARROW_RANGE: Final = 1

# The part of a frame's slot by which a frame may come early, because clocks are rounded.
EARLY: Final = 0.25

# Sound that begins earlier than this many seconds before the end of the last sound is a fault of
# the file; encoders need time to go forward.
OVERLAP: Final = 0.05

OTHERS: Final = 10
"""The most packets in a file, as a multiple of those that may be shown: a phone's sensors write
many."""


def transcode(
    container: InputContainer,
    video: VideoStream,
    sound: AudioStream | None,
    part_read: Callable[[], float],
    limits: Limits,
    findings: Findings,
) -> None:
    """Write the renditions and fill in the findings.

    `findings.duration` comes in as the file claims it, None without a claim, and goes out as
    measured. `part_read` returns the fraction of the file that has been read.
    """
    claimed = findings.duration
    teller = Teller()
    streams: list[Stream] = [video, sound] if sound else [video]
    recorder = Recorder(_start(streams), video.sample_aspect_ratio, sound is not None, limits)
    try:
        for part in _decode(container, streams, limits):
            if isinstance(part, VideoFrame):
                recorder.show(part)
            elif isinstance(part, AudioFrame):
                recorder.play(part)
            else:
                recorder.leave_out(part)
            teller.tell(recorder.end / claimed if claimed else part_read())
    finally:
        recorder.describe(findings)
    recorder.finish(claimed, findings)


def _start(streams: list[Stream]) -> float:
    """Return the time of the first frame, in seconds; live recordings don't start at zero."""
    starts = [
        stream.start_time * stream.time_base
        for stream in streams
        if stream.start_time is not None and stream.time_base
    ]
    return float(min(starts, default=0))


def _decode(
    container: InputContainer, streams: list[Stream], limits: Limits
) -> "Iterator[VideoFrame | AudioFrame | Packet[Stream]]":
    """Yield the frames of these streams, and the packets of all others as they are.

    A few packets that can't be decoded are skipped, as players do. All packets are counted: time
    can stand still in a file, and then no limit on its duration ends it.
    """
    chosen = {stream.index for stream in streams}
    for stream in streams:
        stream.codec_context.thread_count = THREADS
    decoded = broken = shown = 0
    for total, packet in enumerate(container.demux()):
        shown += packet.stream.index in chosen
        if shown > limits.max_packets or total > OTHERS * limits.max_packets:
            raise Refusal(FileProblem.TOO_COMPLEX)
        if packet.stream.index not in chosen:
            yield packet
            continue
        try:
            frames = packet.decode()
        except MemoryError:
            raise
        except FFmpegError:
            broken += 1
            frames = []
        if broken > 10 + decoded // 10:
            raise Refusal(FileProblem.DAMAGED)
        decoded += len(frames)
        yield from (frame for frame in frames if isinstance(frame, VideoFrame | AudioFrame))


class Recorder:
    """The recording of frames into the rendition, on a clock that starts at `start` seconds."""

    def __init__(
        self, start: float, aspect: Fraction | None, has_sound: bool, limits: Limits
    ) -> None:
        self._start = start
        self._aspect = aspect
        self._has_sound = has_sound
        self._limits = limits
        self._output: OutputContainer | None = None
        self._waiting: list[AudioFrame] = []
        self._poster = Poster()
        self._seen = Frames()
        self._frames = 0
        self._slot = -1
        self._begin = self._end = self._sound_end = self._left_out = 0.0

    @property
    def end(self) -> float:
        """The seconds recorded so far."""
        return self._end

    def show(self, frame: VideoFrame) -> None:
        """Record a picture, unless the rendition has one for this frame slot."""
        self._frames += 1
        if self._frames > self._limits.max_frames:
            raise Refusal(FileProblem.TOO_MANY_FRAMES)
        check_size(frame.width, frame.height, self._limits)
        begin = self._time(frame, otherwise=self._end)
        length = float(frame.duration * (frame.time_base or 0)) or max(0.0, begin - self._begin)
        self._begin = begin
        self._reach(begin + length)
        slot = int(begin * self._limits.video_rate + EARLY)
        if slot > self._slot:
            self._slot = slot
            self._record(frame, begin, length)

    def play(self, frame: AudioFrame) -> None:
        """Record a stretch of sound. Sound before the first picture waits for it."""
        begin = self._time(frame, otherwise=self._sound_end)
        end = begin + frame.samples / frame.sample_rate
        self._reach(end)
        if begin < self._sound_end - OVERLAP or not frame.time_base:
            return
        self._sound_end = end
        frame.pts = round(begin / frame.time_base)
        if self._output is None:
            self._waiting.append(frame)
            return
        self._sing(self._output, frame)

    def leave_out(self, packet: "Packet[Stream]") -> None:
        """Note the time of a packet that isn't shown: the file lasts at least that long."""
        if packet.pts is not None and packet.time_base:
            self._left_out = max(self._left_out, float(packet.pts * packet.time_base) - self._start)

    def describe(self, findings: Findings) -> None:
        """Put the measures so far into the findings; before the first picture, nothing."""
        if self._output is None:
            return
        findings.width, findings.height = self._upright.original
        findings.duration, findings.frames = self._end, self._frames

    def finish(self, claimed: float | None, findings: Findings) -> None:
        """Complete the files. Raises Refusal if much of the `claimed` duration is missing."""
        reached = max(self._end, self._left_out)
        if self._output is None or (claimed and reached < 0.9 * claimed - 0.5):
            raise Refusal(FileProblem.DAMAGED)
        check_duration(self._end, self._limits)
        self._write(self._output, None)
        if self._has_sound:
            self._output.mux(self._sound.encode(None))
        self._output.close()
        findings.renditions = {VIDEO: self._upright.size} | self._poster.save()
        findings.fingerprints = self._seen.found

    def _record(self, frame: VideoFrame, begin: float, length: float) -> None:
        if self._output is None:
            self._upright = Upright(frame, self._aspect, self._limits)
            self._output = self._open()
            for waiting in self._waiting:
                self._sing(self._output, waiting)
            self._waiting.clear()
        picture = self._upright.show(frame)
        self._poster.offer(picture, begin)
        self._seen.offer(picture, begin)
        picture.time_base = TICKS
        picture.pts, picture.duration = round(begin / TICKS), round(length / TICKS)
        picture.pict_type = PictureType.NONE
        self._write(self._output, picture)

    def _write(self, output: OutputContainer, picture: VideoFrame | None) -> None:
        for packet in self._video.encode(picture):
            output.mux(self._bare.filter(packet))

    def _sing(self, output: OutputContainer, frame: AudioFrame) -> None:
        # A change of channels ends the sound, not the video.
        with suppress(ValueError):
            output.mux(self._sound.encode(frame))

    def _open(self) -> OutputContainer:
        # "bitexact" leaves out the encoders' names and the time; nothing else is copied over.
        output = av.open(
            VIDEO, "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
        )
        self._video = output.add_stream("libx264", rate=self._limits.video_rate, options=SETTINGS)
        context = self._video.codec_context
        context.width, context.height = self._upright.size
        context.pix_fmt = "yuv420p"
        context.time_base = TICKS
        context.thread_count = THREADS
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = NARROW_RANGE
        self._bare = BitStreamFilterContext(WITHOUT_NOTES, "h264")
        if self._has_sound:
            self._sound = output.add_stream("aac", rate=SOUND_RATE, layout="stereo")
            self._sound.codec_context.bit_rate = SOUND_BIT_RATE
            self._sound.codec_context.flags |= Flags.bitexact
        return output

    def _time(self, frame: VideoFrame | AudioFrame, *, otherwise: float) -> float:
        time: float | None = frame.time
        return otherwise if time is None else max(0.0, time - self._start)

    def _reach(self, end: float) -> None:
        self._end = max(self._end, end)
        check_not_too_long(self._end, self._limits)
