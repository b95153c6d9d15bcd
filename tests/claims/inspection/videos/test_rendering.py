"""Videos in, plain upright H.264 out."""

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from PIL import Image, ImageStat

from tests.claims.inspection.conftest import Inspector
from tests.claims.inspection.pictures.test_rendering import corners
from tests.media import make_corners, make_resized_video, make_video


def pictures(path: Path) -> Iterator[VideoFrame]:
    with av.open(str(path), "r") as container:
        yield from container.decode(container.streams.video[0])


def first_picture(path: Path) -> Image.Image:
    picture = next(pictures(path)).to_image()
    assert isinstance(picture, Image.Image)
    return picture


def brightness(picture: Image.Image) -> float:
    return ImageStat.Stat(picture.convert("L")).mean[0]


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp4", "h264"),
        ("mov", "h264"),
        ("mp4", "hevc"),
        ("mp4", "av1"),
        ("webm", "vp8"),
        ("webm", "vp9"),
        ("webm", "av1"),
    ],
)
def test_every_accepted_video_becomes_h264(
    inspected: Inspector, into: Path, container: str, codec: str
) -> None:
    data = make_video(container=container, codec=codec)
    report = inspected(data)
    assert report.ok
    assert (report.kind, report.codec) == ("video", codec)
    assert (report.width, report.height) == (160, 284)
    assert report.duration == pytest.approx(1.5, abs=0.1)
    assert report.sha256 == hashlib.sha256(data).hexdigest()
    names = [made.name for made in report.renditions]
    assert names == ["video.mp4", "poster.webp", "thumbnail.webp"]
    with av.open(str(into / "video.mp4"), "r") as made:
        assert made.duration is not None
        assert made.duration / av.time_base == pytest.approx(1.5, abs=0.1)
        [video] = made.streams.video
        assert (video.codec.canonical_name, video.pix_fmt) == ("h264", "yuv420p")
        assert [stream.codec.canonical_name for stream in made.streams.audio] == ["aac"]
        assert sum(1 for _ in made.decode(video)) == report.frames


def test_rendition_is_what_the_report_says(inspected: Inspector, into: Path) -> None:
    report = inspected(make_video())
    for made in report.renditions:
        written = (into / made.name).read_bytes()
        assert (made.size, made.sha256) == (len(written), hashlib.sha256(written).hexdigest())
    media_types = [made.media_type for made in report.renditions]
    assert media_types == ["video/mp4", "image/webp", "image/webp"]
    assert Image.open(into / "poster.webp", formats=["WEBP"]).size == (160, 284)


def test_rendition_starts_to_play_before_it_is_loaded(inspected: Inspector, into: Path) -> None:
    inspected(make_video())
    data = (into / "video.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    ("rotation", "back"),
    [
        (90, Image.Transpose.ROTATE_270),
        (180, Image.Transpose.ROTATE_180),
        (-90, Image.Transpose.ROTATE_90),
    ],
)
def test_video_is_turned_upright(
    inspected: Inspector, into: Path, rotation: int, back: Image.Transpose
) -> None:
    upright = make_corners((160, 96))
    stored = upright.transpose(back)
    report = inspected(
        make_video(rotation=rotation, size=stored.size, background=stored, seconds=1)
    )
    assert (report.width, report.height) == (160, 96)
    assert {made.width: made.height for made in report.renditions} == {160: 96}
    assert corners(first_picture(into / "video.mp4")) == ["red", "green", "blue", "white"]
    assert corners(Image.open(into / "poster.webp")) == ["red", "green", "blue", "white"]
    assert next(pictures(into / "video.mp4")).rotation == 0


@pytest.mark.parametrize(("hflip", "vflip"), [(True, False), (False, True)])
def test_mirrored_video_is_turned_upright(
    inspected: Inspector, into: Path, hflip: bool, vflip: bool
) -> None:
    flip = Image.Transpose.FLIP_LEFT_RIGHT if hflip else Image.Transpose.FLIP_TOP_BOTTOM
    stored = make_corners((160, 96)).transpose(flip)
    inspected(make_video(mirror=(hflip, vflip), size=stored.size, background=stored, seconds=1))
    assert corners(first_picture(into / "video.mp4")) == ["red", "green", "blue", "white"]


def test_metadata_is_gone(inspected: Inspector, into: Path) -> None:
    tags = {"title": "SecretTitle", "location": "+51.5072-000.1275/", "comment": "SecretNote"}
    data = make_video(metadata=tags)
    assert b"SecretTitle" in data
    assert b"loci" in data
    assert inspected(data).ok
    made = (into / "video.mp4").read_bytes()
    assert b"Secret" not in made
    assert b"loci" not in made
    with av.open(str(into / "video.mp4"), "r") as container:
        assert not {"title", "location", "comment", "encoder", "creation_time"} & set(
            container.metadata
        )


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((161, 285), (160, 284)),
        ((2400, 1080), (2400, 1080)),
        ((1440, 3200), (1080, 2400)),
        ((3840, 2160), (1920, 1080)),
        ((391, 845), (392, 844)),
        ((1200, 1200), (1080, 1080)),
    ],
)
def test_sides_are_even_and_within_a_phones_screen(
    inspected: Inspector, into: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    # VP9 takes odd sides, which H.264 at 4:2:0 doesn't.
    report = inspected(make_video(1, size, 3, "vp9", "webm", audio=False))
    assert (report.width, report.height) == size
    assert first_picture(into / "video.mp4").size == expected


def test_ten_bit_video_becomes_eight_bit(inspected: Inspector, into: Path) -> None:
    report = inspected(make_video(codec="hevc", pix_fmt="yuv420p10le", container="mov"))
    assert (report.ok, report.codec) == (True, "hevc")
    assert next(pictures(into / "video.mp4")).format.name == "yuv420p"


def test_video_without_sound_stays_silent(inspected: Inspector, into: Path) -> None:
    assert inspected(make_video(audio=False)).ok
    with av.open(str(into / "video.mp4"), "r") as made:
        assert not made.streams.audio


def test_sound_is_kept(inspected: Inspector, into: Path) -> None:
    assert inspected(make_video()).ok
    with av.open(str(into / "video.mp4"), "r") as made:
        [sound] = made.streams.audio
        assert isinstance(sound, AudioStream)
        frames = list(made.decode(sound))
        assert sum(frame.samples for frame in frames) / 48_000 == pytest.approx(1.5, abs=0.1)
        assert any(any(bytes(frame.planes[0])) for frame in frames)


def test_live_recording_without_a_duration_is_measured(inspected: Inspector, into: Path) -> None:
    """Browsers write it like this; this one's clock starts at three seconds, too."""
    data = make_video(codec="vp8", container="webm", live=True, start=3)
    report = inspected(data)
    assert report.ok
    assert report.duration == pytest.approx(1.5, abs=0.1)
    frame = next(pictures(into / "video.mp4"))
    assert frame.time == pytest.approx(0, abs=0.1)


def test_high_frame_rate_is_thinned_out(inspected: Inspector, into: Path) -> None:
    report = inspected(make_video(fps=120, seconds=1, audio=False))
    assert report.frames == 120
    times = [frame.time for frame in pictures(into / "video.mp4")]
    assert len(times) == pytest.approx(30, abs=1)
    assert times[-1] == pytest.approx(1, abs=0.05)


def test_thirty_frames_a_second_are_all_kept(inspected: Inspector, into: Path) -> None:
    """WebM rounds times to milliseconds."""
    data = make_video(fps=30, seconds=1, codec="vp8", container="webm", audio=False)
    report = inspected(data)
    assert report.frames == sum(1 for _ in pictures(into / "video.mp4")) == 30


def test_poster_is_not_the_black_beginning(inspected: Inspector, into: Path) -> None:
    report = inspected(make_video(seconds=2.5, black=0.8))
    assert report.ok
    assert brightness(first_picture(into / "video.mp4")) < 20
    assert brightness(Image.open(into / "poster.webp")) > 150


def test_window_that_changes_its_size_keeps_its_proportions(
    inspected: Inspector, into: Path
) -> None:
    report = inspected(make_resized_video((160, 284), (160, 96)))
    assert report.ok
    sizes = {(frame.width, frame.height) for frame in pictures(into / "video.mp4")}
    assert sizes == {(160, 284)}
    *_, last = pictures(into / "video.mp4")
    shown = last.to_image().convert("L")
    assert shown.getpixel((80, 10)) < 30
    assert shown.getpixel((80, 142)) > 60


def test_frames_far_apart_keep_their_times(inspected: Inspector, into: Path) -> None:
    """A still screen is recorded with few frames."""
    report = inspected(make_video(fps=1, seconds=4, codec="vp8", container="webm", audio=False))
    assert report.duration == pytest.approx(4, abs=0.3)
    times = [frame.time for frame in pictures(into / "video.mp4")]
    assert times == pytest.approx([0, 1, 2, 3], abs=0.05)


def test_oblong_pixels_are_made_square(inspected: Inspector, into: Path) -> None:
    report = inspected(make_video(size=(160, 160), pixel_aspect=Fraction(2)))
    assert (report.width, report.height) == (320, 160)
    assert first_picture(into / "video.mp4").size == (320, 160)
