"""Small text of a phone's screen, read back from the rendition letter by letter."""

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import av
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from tests.claims.inspection.conftest import Inspector
from tests.claims.inspection.videos.test_rendering import pictures
from tests.media import encode_picture
from tests.reading import Page, part_read

# Ten points, the smallest text of an app, at these screens' three pixels a point.
SMALL = 30
IPHONE, ANDROID, SCROLLED = (1290, 2796), (1080, 2400), (1080, 12_000)
RATE = 5


def recording_of(*pages: Page) -> bytes:
    """Return a recording that shows each page for a second."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as output:
        options = {"preset": "ultrafast", "crf": "18"}
        stream = output.add_stream("libx264", rate=RATE, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = pages[0].size
        stream.pix_fmt = "yuv420p"
        for number, frame in enumerate(_frames(pages)):
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return target.getvalue()


def _frames(pages: tuple[Page, ...]) -> Iterator[VideoFrame]:
    for page in pages:
        picture = page.draw()
        for _ in range(RATE):
            yield VideoFrame.from_image(picture)


def middle_frame(path: Path, seconds: int) -> Image.Image:
    """Return a frame shortly after the middle, which shows a page that no key frame shows."""
    [frame] = islice(pictures(path), seconds * RATE // 2 + 2, seconds * RATE // 2 + 3)
    picture = frame.to_image()
    assert isinstance(picture, Image.Image)
    return picture


@pytest.mark.parametrize("size", [IPHONE, ANDROID, SCROLLED])
def test_small_text_of_a_screenshot_is_read_back(
    inspected: Inspector, into: Path, size: tuple[int, int]
) -> None:
    page = Page(size, SMALL)
    report = inspected(encode_picture(page.draw(), compress_level=1))
    assert report.ok
    made = report.renditions[0]
    assert (made.name, made.width, made.height) == ("picture.webp", *size)
    assert part_read(page, Image.open(into / "picture.webp")) >= 0.99


def test_small_text_of_the_longest_screenshot_is_read_back(
    inspected: Inspector, into: Path
) -> None:
    """The screenshot is longer than a WebP can be high."""
    page = Page((1080, 20_000), SMALL)
    assert inspected(encode_picture(page.draw(), compress_level=1)).ok
    assert part_read(page, Image.open(into / "picture.webp")) >= 0.99


def test_text_of_a_rendition_of_a_quarter_of_the_size_is_not_read_back(
    inspected: Inspector, into: Path
) -> None:
    """The control: the reader can't read more than the rendition shows."""
    page = Page(IPHONE, SMALL)
    assert inspected(encode_picture(page.draw()), rendition_pixels=1290 * 2796 // 16).ok
    assert part_read(page, Image.open(into / "picture.webp")) < 0.97


def test_a_limit_on_the_longest_side_would_make_a_long_screenshot_illegible(
    inspected: Inspector, into: Path
) -> None:
    page = Page(SCROLLED, SMALL)
    assert inspected(encode_picture(page.draw(), compress_level=1), rendition_longest_side=4096).ok
    assert part_read(page, Image.open(into / "picture.webp")) < 0.99


@pytest.mark.parametrize("size", [IPHONE, (2400, 1080)])
def test_small_text_of_a_recording_is_read_back(
    inspected: Inspector, into: Path, size: tuple[int, int]
) -> None:
    pages = Page(size, SMALL, rows=4, seed=2), Page(size, SMALL, rows=4, seed=3)
    report = inspected(recording_of(*pages))
    assert report.ok
    shown = middle_frame(into / "video.mp4", 2)
    assert part_read(pages[1], shown) >= 0.98
    assert part_read(pages[0], shown) < 0.2


def test_text_of_a_recording_in_a_quarter_of_the_size_is_not_read_back(
    inspected: Inspector, into: Path
) -> None:
    page = Page(IPHONE, SMALL, rows=4, seed=2)
    assert inspected(recording_of(page), video_longest_side=IPHONE[1] // 4).ok
    assert part_read(page, middle_frame(into / "video.mp4", 1)) < 0.95
