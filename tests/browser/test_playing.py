"""A video's rendition in a real browser: it plays, and jumps to any place at once."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorTrc
from PIL import Image

from claims.models import Upload
from tests.browser.pages import sign_in
from tests.hdr import make_hdr_video
from tests.makers import make_order, make_upload
from tests.processes import wait_until

pytestmark = pytest.mark.usefixtures("at_work")

COLOURS = ("#c03020", "#20a040", "#3040c0", "#c0a020")
SECONDS = 2
"""The time that each of the colours is shown."""

SHOW = """
async ([url, moment]) => {
    const video = document.createElement('video');
    video.muted = true;
    video.preload = 'auto';
    document.body.append(video);
    const once = name => new Promise((done, failed) => {
        video.addEventListener(name, done, {once: true});
        video.addEventListener('error', () => failed(video.error.message), {once: true});
    });
    const loaded = once('loadeddata');
    video.src = url;
    await loaded;
    const moved = once('timeupdate');
    await video.play();
    await moved;
    const played = video.currentTime;
    video.pause();
    const jumped = once('seeked');
    video.currentTime = moment;
    await jumped;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const pen = canvas.getContext('2d');
    pen.drawImage(video, 0, 0);
    const middle = pen.getImageData(canvas.width / 2, canvas.height / 2, 1, 1);
    return {
        played,
        at: video.currentTime,
        duration: video.duration,
        seekable: video.seekable.length ? video.seekable.end(0) : 0,
        size: [video.videoWidth, video.videoHeight],
        colour: [...middle.data].slice(0, 3),
    };
}
"""


def recording() -> bytes:
    """Each colour fills the screen in turn, as a browser records it: VP8 without a duration."""
    target = io.BytesIO()
    target.seekable = lambda: False  # type: ignore[method-assign]  # a pipe, as it were
    with av.open(target, "w", format="webm", options={"live": "1"}) as output:
        stream = output.add_stream(
            "libvpx", rate=10, options={"deadline": "realtime", "cpu-used": "8"}
        )
        stream.width, stream.height, stream.pix_fmt = 320, 568, "yuv420p"
        for number in range(len(COLOURS) * SECONDS * 10):
            colour = COLOURS[number // (SECONDS * 10)]
            frame = VideoFrame.from_image(Image.new("RGB", (320, 568), colour))
            frame.pts, frame.time_base = number, Fraction(1, 10)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return target.getvalue()


def inspected(upload: Upload) -> Upload:
    on_its_way = Upload.objects.filter(
        pk=upload.pk, state__in=[Upload.State.WAITING, Upload.State.RECEIVING]
    )
    wait_until(lambda: not on_its_way.exists())
    upload.refresh_from_db()
    return upload


def show(page, upload: Upload, moment: float) -> dict[str, Any]:
    assert inspected(upload).state == Upload.State.ACCEPTED
    sign_in(page, upload.order.customer.email)
    shown: dict[str, Any] = page.evaluate(SHOW, [f"/evidence/{upload.token}/video/", moment])
    return shown


def test_a_live_recording_plays_and_jumps_to_its_middle(site, open_page, ann):
    upload = make_upload(make_order(ann, sms=True), kind="video", content=recording())

    shown = show(open_page(), upload, moment=5.0)

    assert shown["played"] > 0
    assert shown["at"] == pytest.approx(5.0, abs=0.05)
    assert shown["duration"] == pytest.approx(8, abs=0.2)
    assert shown["seekable"] == pytest.approx(shown["duration"], abs=0.05)
    assert shown["size"] == [320, 568]
    assert shown["colour"] == pytest.approx([0x30, 0x40, 0xC0], abs=12)


def test_a_phones_hdr_video_shows_a_white_page(site, open_page, ann):
    content = make_hdr_video([(203.0,) * 3] * 3, ColorTrc.ARIB_STD_B67, seconds=2)
    upload = make_upload(make_order(ann, sms=True), kind="video", content=content)

    shown = show(open_page(), upload, moment=1.0)

    assert shown["at"] == pytest.approx(1.0, abs=0.05)
    red, green, blue = shown["colour"]
    assert 218 <= green <= 245
    assert max(red, green, blue) - min(red, green, blue) <= 6
