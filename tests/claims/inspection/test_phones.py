"""Files as phones, browsers and recorders write them, with all their peculiarities."""

import io
import struct
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import av
import pillow_heif
import pytest
from av.audio.stream import AudioStream
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from claims.inspection import FileProblem
from tests.claims.inspection.conftest import Inspector
from tests.claims.inspection.pictures.test_rendering import corners, rendition
from tests.claims.inspection.videos.test_rendering import first_picture, pictures
from tests.media import (
    encode_picture,
    make_corners,
    make_screenshot,
    make_sound,
    make_video,
)

UPRIGHT = ["red", "green", "blue", "white"]
Turn = Image.Transpose
# Display matrix (a, b, c, d), and the turn of the camera's sensor that it makes upright.
MATRICES = {
    "as it is": ((1, 0, 0, 1), None),
    "clockwise": ((0, 1, -1, 0), Turn.ROTATE_90),
    "upside down": ((-1, 0, 0, -1), Turn.ROTATE_180),
    "anticlockwise": ((0, -1, 1, 0), Turn.ROTATE_270),
    "mirrored": ((-1, 0, 0, 1), Turn.FLIP_LEFT_RIGHT),
    "mirrored upside down": ((1, 0, 0, -1), Turn.FLIP_TOP_BOTTOM),
    "transposed": ((0, 1, 1, 0), Turn.TRANSPOSE),
    "transversed": ((0, -1, -1, 0), Turn.TRANSVERSE),
}


def remuxed(
    data: bytes,
    *,
    container: str = "mp4",
    options: dict[str, str] | None = None,
    move: Callable[[str, float], int] = lambda kind, second: 0,
    sounds: int = 1,
    timecode: bool = False,
) -> bytes:
    """Return the same packets in another kind of file. `move` gives the milliseconds by which each
    packet comes later.
    """
    target = io.BytesIO()
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(target, "w", format=container, options=options or {}) as output,
    ):
        if timecode:
            output.metadata["timecode"] = "01:00:00:00"
        streams: dict[int, list[Stream]] = {
            0: [output.add_stream_from_template(source.streams.video[0])]
        }
        for sound in source.streams.audio:
            streams[sound.index] = [output.add_stream_from_template(sound) for _ in range(sounds)]
        for packet in source.demux():
            if packet.dts is None or packet.pts is None:
                continue
            second = float(packet.pts * packet.time_base)
            later = round(move(packet.stream.type, second) / 1000 / packet.time_base)
            packet.pts, packet.dts = packet.pts + later, packet.dts + later
            for stream in streams[packet.stream.index]:
                copy: Packet[Stream] = Packet(bytes(packet))
                copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                copy.duration, copy.is_keyframe = packet.duration, packet.is_keyframe
                copy.stream = stream
                output.mux(copy)
    return target.getvalue()


def joined(*parts: bytes, container: str = "mp4", on: int = 0) -> bytes:
    """Return all streams of these files in one file; those of file `on` are enabled."""
    target = io.BytesIO()
    with ExitStack() as stack:
        sources = [stack.enter_context(av.open(io.BytesIO(part), "r")) for part in parts]
        output = stack.enter_context(av.open(target, "w", format=container))
        streams = [
            [output.add_stream_from_template(stream) for stream in source.streams]
            for source in sources
        ]
        for made in streams[on]:
            made.disposition = Disposition.default
        packets = [
            (packet, made[packet.stream.index])
            for source, made in zip(sources, streams, strict=True)
            for packet in source.demux()
            if packet.dts is not None
        ]
        for packet, stream in sorted(packets, key=_moment):
            packet.stream = stream
            output.mux(packet)
    return target.getvalue()


def _moment(sent: "tuple[Packet[Stream], Stream]") -> float:
    return float((sent[0].dts or 0) * sent[0].time_base)


def with_cover(data: bytes, container: str) -> bytes:
    """Put a picture in front, as music shops and some editors do."""
    target = io.BytesIO()
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(target, "w", format=container) as output,
    ):
        cover = output.add_stream("mjpeg")
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        made = [output.add_stream_from_template(stream) for stream in source.streams]
        picture: Packet[Stream] = Packet(make_screenshot(size=(64, 48), file_format="jpeg"))
        picture.stream, picture.pts, picture.dts, picture.is_keyframe = cover, 0, 0, True
        output.mux(picture)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = made[packet.stream.index]
                output.mux(packet)
    return target.getvalue()


def kinds_in(video: Path) -> list[str]:
    with av.open(str(video), "r") as made:
        return [stream.type for stream in made.streams]


def with_matrix(data: bytes, signs: tuple[int, ...]) -> bytes:
    """Return the file with another display matrix in its video's `tkhd` (ISO 14496-12)."""
    at = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (sign << 16 for sign in signs)
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return data[:at] + matrix + data[at + 36 :]


@pytest.mark.parametrize(("signs", "held"), MATRICES.values(), ids=MATRICES)
def test_every_display_matrix_is_turned_upright(
    inspected: Inspector, into: Path, signs: tuple[int, ...], held: Image.Transpose | None
) -> None:
    stored = make_corners((160, 96))
    stored = stored.transpose(held) if held is not None else stored
    video = make_video(1, stored.size, 5, background=stored, audio=False)
    report = inspected(with_matrix(video, signs))
    assert (report.ok, report.width, report.height) == (True, 160, 96)
    assert corners(first_picture(into / "video.mp4")) == UPRIGHT
    assert corners(Image.open(into / "poster.webp").convert("RGB")) == UPRIGHT


def test_heic_of_ten_bits_with_a_thumbnail(inspected: Inspector, into: Path) -> None:
    photo = make_corners((320, 192))
    stored = photo.transpose(Turn.ROTATE_90)
    wide = struct.pack(f"<{3 * 320 * 192}H", *(level * 257 for level in stored.tobytes()))
    image = pillow_heif.from_bytes(mode="RGB;16", size=stored.size, data=wide)
    target = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(target, quality=90, thumbnails=[64], exif=exif.tobytes())
    data = target.getvalue()
    assert b"irot" in data
    assert pillow_heif.open_heif(data, convert_hdr_to_8bit=False).info["bit_depth"] == 10
    report = inspected(data)
    assert (report.ok, report.width, report.height) == (True, 320, 192)
    assert corners(rendition(into)) == UPRIGHT


def test_second_picture_of_a_heic_is_left_out(inspected: Inspector, into: Path) -> None:
    pillow_heif.register_heif_opener()
    photo, further = make_corners((320, 192)), Image.new("RGB", (640, 640), "black")
    data = encode_picture(photo, "heic", save_all=True, append_images=[further], quality=95)
    assert pillow_heif.open_heif(data).info is not None
    report = inspected(data)
    assert (report.ok, report.width, report.height) == (True, 320, 192)
    assert corners(rendition(into)) == UPRIGHT


def test_photo_of_48_megapixels(inspected: Inspector, into: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = make_corners((6048, 8064)).transpose(Turn.ROTATE_90)
    report = inspected(encode_picture(stored, "jpeg", exif=exif, quality=80))
    assert (report.ok, report.width, report.height) == (True, 6048, 8064)
    made = rendition(into)
    assert corners(made) == UPRIGHT
    assert 16_000_000 < made.width * made.height <= 4096 * 4096


def test_recording_of_an_android_phone(inspected: Inspector, into: Path) -> None:
    """High profile, a frame rate that varies with motion, a 90 kHz clock that starts late, mono."""
    gaps = (0, 0, 300, 900, 900, 950, 1700)

    def later(kind: str, second: float) -> int:
        return 400 + (gaps[min(round(second * 15), 6)] if kind == "video" else 0)

    steady = make_video(2.0, codec="h264")
    varied = remuxed(steady, options={"video_track_timescale": "90000"}, move=later)
    report = inspected(varied)
    assert (report.ok, report.codec) == (True, "h264")
    assert report.duration == pytest.approx(3.7, abs=0.2)
    times = [frame.time for frame in pictures(into / "video.mp4")]
    assert times[:4] == pytest.approx([0, 1 / 15, 2 / 15 + 0.3, 3 / 15 + 0.9], abs=0.04)
    assert times == sorted(set(times))


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_screen_recording_of_an_iphone(inspected: Inspector, into: Path, codec: str) -> None:
    """A MOV whose edit list starts after the first packets, with a time code track."""
    video = make_video(2.0, codec=codec, container="mov", fps=30)
    recording = remuxed(
        video,
        container="mov",
        options={"movflags": "use_metadata_tags", "use_editlist": "1"},
        move=lambda kind, second: -500,
        timecode=True,
    )
    assert b"elst" in recording
    assert b"tmcd" in recording
    report = inspected(recording)
    assert (report.ok, report.codec) == (True, codec)
    assert report.duration == pytest.approx(1.5, abs=0.2)
    assert next(pictures(into / "video.mp4")).time == pytest.approx(0, abs=0.1)


def test_sound_that_begins_before_the_picture_keeps_its_place(
    inspected: Inspector, into: Path
) -> None:
    late = remuxed(make_video(2.0), move=lambda kind, second: 700 if kind == "video" else 0)
    report = inspected(late)
    assert report.duration == pytest.approx(2.7, abs=0.1)
    with av.open(str(into / "video.mp4"), "r") as made:
        first = {frame_type(frame): frame.time for frame in reversed(list(made.decode()))}
    assert first["sound"] == pytest.approx(0, abs=0.05)
    assert first["picture"] == pytest.approx(0.7, abs=0.05)


def frame_type(frame: object) -> str:
    return "picture" if isinstance(frame, VideoFrame) else "sound"


def test_only_the_first_sound_is_kept(inspected: Inspector, into: Path) -> None:
    several = remuxed(make_video(1.5), container="mov", sounds=2, timecode=True)
    with av.open(io.BytesIO(several), "r") as source:
        assert [stream.type for stream in source.streams].count("audio") == 2
        assert {"data", "video"} <= {stream.type for stream in source.streams}
    assert inspected(several).ok
    with av.open(str(into / "video.mp4"), "r") as made:
        assert [stream.type for stream in made.streams] == ["video", "audio"]


SMALL, LARGE = (160, 96), (320, 192)
CONTAINERS = pytest.mark.parametrize("container", ["mp4", "mov", "matroska"])


@CONTAINERS
@pytest.mark.parametrize("seconds", [2, 20])
def test_of_two_videos_the_first_is_shown_however_long_the_other_is(
    inspected: Inspector, into: Path, container: str, seconds: int
) -> None:
    one, other = make_video(2, SMALL, audio=False), make_video(seconds, LARGE, 5, audio=False)
    report = inspected(joined(one, other, container=container))
    assert (report.ok, report.width, report.height) == (True, *SMALL)
    assert report.duration == pytest.approx(2, abs=0.1)
    assert kinds_in(into / "video.mp4") == ["video"]


def test_of_two_videos_the_one_that_is_on_is_shown(inspected: Inspector) -> None:
    one, other = make_video(2, SMALL, audio=False), make_video(2, LARGE)
    report = inspected(joined(one, other, on=1))
    assert (report.ok, report.width, report.height) == (True, *LARGE)


@CONTAINERS
@pytest.mark.parametrize("seconds", [2, 20])
def test_video_that_is_not_read_does_not_hide_one_that_is(
    inspected: Inspector, into: Path, container: str, seconds: int
) -> None:
    unread = make_video(seconds, SMALL, codec="mpeg4", audio=False)
    report = inspected(joined(unread, make_video(2, LARGE), container=container))
    assert (report.ok, report.codec) == (True, "h264")
    assert (report.width, report.height) == LARGE
    assert report.duration == pytest.approx(2, abs=0.1)
    assert kinds_in(into / "video.mp4") == ["video", "audio"]


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_cover_is_no_video(inspected: Inspector, into: Path, container: str) -> None:
    covered = with_cover(make_video(2, LARGE), container)
    with av.open(io.BytesIO(covered), "r") as source:
        assert "mjpeg" in {stream.codec_context.name for stream in source.streams}
    report = inspected(covered)
    assert (report.ok, report.codec, report.width) == (True, "h264", LARGE[0])
    assert kinds_in(into / "video.mp4") == ["video", "audio"]


def test_cover_alone_is_refused(inspected: Inspector) -> None:
    assert inspected(with_cover(make_sound(2), "mp4")).problem is FileProblem.NO_VIDEO


@CONTAINERS
@pytest.mark.parametrize("seconds", [2, 20])
def test_sound_that_is_not_read_is_left_out(
    inspected: Inspector, into: Path, container: str, seconds: int
) -> None:
    unread, video = make_sound(seconds, "ac3"), make_video(2, audio=False)
    report = inspected(joined(video, unread, container=container))
    assert (report.ok, report.problem) == (True, None)
    assert report.duration == pytest.approx(2, abs=0.1)
    assert kinds_in(into / "video.mp4") == ["video"]


@CONTAINERS
def test_sound_that_is_read_is_kept_behind_one_that_is_not(
    inspected: Inspector, into: Path, container: str
) -> None:
    report = inspected(joined(make_sound(2, "ac3"), make_video(2), container=container))
    assert report.ok
    assert kinds_in(into / "video.mp4") == ["video", "audio"]


def test_half_of_a_file_is_damaged_however_many_streams_it_has(inspected: Inspector) -> None:
    """Other streams count only as far as they are there."""
    one, other = make_video(4, SMALL, audio=False), make_video(8, LARGE)
    whole = joined(one, other, container="matroska")
    assert inspected(whole).ok
    assert inspected(whole[: len(whole) // 2]).problem is FileProblem.DAMAGED


def test_packets_of_other_streams_come_to_an_end(inspected: Inspector) -> None:
    several = joined(make_video(1, SMALL, 5, audio=False), make_sound(4, "ac3"))
    assert inspected(several, max_packets=50).ok
    assert inspected(several, max_packets=8).problem is FileProblem.TOO_COMPLEX


@pytest.mark.parametrize("live", ["frag_keyframe+empty_moov+default_base_moof", "frag_every_frame"])
def test_browser_recording_as_fragmented_mp4(inspected: Inspector, into: Path, live: str) -> None:
    """It is written while it is recorded, so its head has no duration."""
    flags = f"{live}+empty_moov"
    recording = remuxed(make_video(2.0), options={"movflags": flags})
    assert b"moof" in recording
    report = inspected(recording)
    assert report.ok
    assert report.duration == pytest.approx(2.0, abs=0.1)
    assert report.frames == 30


@pytest.mark.parametrize(
    ("codec", "container"), [("vp8", "webm"), ("vp9", "webm"), ("h264", "matroska")]
)
def test_browser_recording_without_a_duration(
    inspected: Inspector, codec: str, container: str
) -> None:
    recording = make_video(1.5, codec=codec, container=container, live=True)
    with av.open(io.BytesIO(recording), "r") as source:
        assert source.duration is None
        assert isinstance(source.streams[0], VideoStream)
        assert isinstance(source.streams[1], AudioStream)
    report = inspected(recording)
    assert (report.ok, report.codec) == (True, codec)
    assert report.duration == pytest.approx(1.5, abs=0.1)
