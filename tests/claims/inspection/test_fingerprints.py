"""Likeness of fingerprints, on screens that the tests draw."""

import json
from itertools import combinations

import pytest
from av.video.frame import VideoFrame
from PIL import Image

from claims.inspection.confinement.child_answers import fingerprints_in
from claims.inspection.fingerprints import distance, fingerprint
from claims.inspection.videos.frames import Frames
from claims.queries.uploads.duplicates import ALIKE
from tests.media import encode_picture, make_video
from tests.phones import Screen, as_jpeg, cropped, draw, draw_photo, scaled

LAYOUTS = ("chat", "notice", "list")
CLOCKS = (("9:41", 87), ("18:07", 3), ("23:59", 100), ("11:11", 11))
# Width, height, and the pixels of the upper and the lower bar; 0 for a handle.
BLANK = [
    (1080, 1920, 72, 126),
    (720, 1280, 48, 96),
    (1080, 2400, 80, 126),
    (1170, 2532, 140, 0),
    (2400, 1080, 72, 0),
    (1920, 1080, 60, 0),
    (1920, 1080, 72, 80),
    (2532, 1170, 60, 0),
    (1640, 2360, 48, 0),
    (2360, 1640, 48, 0),
    (1280, 800, 40, 64),
    (1536, 2048, 40, 0),
]
SCREENS = [Screen(layout=layout, text=text) for layout in LAYOUTS for text in range(8)]


def apart(one: Image.Image, other: Image.Image) -> int:
    first, second = fingerprint(one), fingerprint(other)
    assert first
    assert second
    return distance(first, second)


@pytest.mark.parametrize("screen", SCREENS[::3], ids=str)
def test_a_screen_saved_again_or_scaled_is_alike(screen):
    original = draw(screen)

    for quality in (40, 60, 90):
        assert apart(original, as_jpeg(original, quality)) <= ALIKE
    for size in (0.5, 0.75, 1.5):
        assert apart(original, scaled(original, size)) <= ALIKE


@pytest.mark.parametrize("screen", SCREENS[::3], ids=str)
def test_a_screen_taken_once_more_with_another_clock_is_alike(screen):
    again = draw(screen.but(clock="18:07", battery=3))

    assert draw(screen).tobytes() != again.tobytes()
    assert apart(draw(screen), as_jpeg(scaled(again, 0.6), 60)) <= ALIKE


def test_most_screens_cropped_by_a_hundredth_are_alike():
    far = [apart(draw(screen), cropped(draw(screen), 0.01)) for screen in SCREENS]

    assert sum(bits <= ALIKE for bits in far) / len(far) >= 0.8


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_page_with_other_words_is_not_alike(layout):
    screens = [draw(screen) for screen in SCREENS if screen.layout == layout]

    assert all(apart(one, other) > ALIKE for one, other in combinations(screens, 2))


def test_other_pages_and_photos_are_far_apart():
    pictures = [draw(Screen(layout=layout)) for layout in LAYOUTS]
    pictures += [draw_photo(seed) for seed in range(4)]

    assert all(apart(one, other) > 3 * ALIKE for one, other in combinations(pictures, 2))


def test_a_photo_saved_again_is_alike():
    photo = draw_photo(1)

    assert apart(photo, as_jpeg(scaled(photo, 0.7), 50)) <= ALIKE


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (540, 1170), "white"),
        Image.new("RGB", (540, 1170), "black"),
        draw(Screen(layout="empty")),
        draw(Screen(layout="empty", dark=True, clock="23:59")),
        as_jpeg(draw(Screen(layout="empty")), 30),
        Image.linear_gradient("L"),
        Image.radial_gradient("L").resize((540, 1170)),
        Image.effect_noise((540, 1170), 10),
    ],
    ids=["white", "black", "bar", "dark bar", "bar as JPEG", "gradient", "radial", "grain"],
)
def test_what_shows_too_little_has_no_fingerprint(picture):
    assert fingerprint(picture) is None


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height", "status", "buttons"), BLANK)
def test_an_empty_page_has_no_fingerprint_on_any_device(width, height, status, buttons, dark):
    page = Screen(layout="empty", size=(width, height), status=status, buttons=buttons, dark=dark)

    for clock, battery in CLOCKS:
        assert fingerprint(draw(page.but(clock=clock, battery=battery))) is None


@pytest.mark.parametrize(
    ("bar", "part", "page"),
    [
        ("STATUS_BAR", 0.03, Screen(layout="empty", size=(2400, 1080), status=72)),
        ("BOTTOM_BAR", 0.04, Screen(layout="empty", size=(1080, 1920), status=72, buttons=126)),
    ],
    ids=["above", "below"],
)
def test_empty_pages_would_be_alike_if_less_were_left_out(monkeypatch, bar, part, page):
    monkeypatch.setattr(f"claims.inspection.fingerprints.{bar}", part)

    assert apart(draw(page), draw(page.but(battery=88))) <= ALIKE


@pytest.mark.parametrize("size", [(1170, 540), (820, 1180)], ids=["lying", "tablet"])
def test_a_screen_of_another_shape_taken_once_more_is_alike(size):
    screen = SCREENS[0].but(size=size, status=size[1] * 0.06)
    again = draw(screen.but(clock="18:07", battery=3))

    assert apart(draw(screen), as_jpeg(scaled(again, 0.6), 60)) <= ALIKE
    assert apart(draw(screen), draw(screen.but(text=1))) > ALIKE


def test_the_bars_would_tell_empty_pages_apart_if_they_counted(monkeypatch):
    monkeypatch.setattr("claims.inspection.fingerprints.STATUS_BAR", 0.0)
    screen = SCREENS[0]

    assert fingerprint(draw(screen)) != fingerprint(draw(screen.but(clock="18:07", battery=3)))


def test_an_inspected_picture_and_its_jpeg_have_fingerprints_that_match(inspected):
    picture = draw(SCREENS[0])

    png = inspected(encode_picture(picture))
    jpeg = inspected(encode_picture(picture, "jpeg", quality=60))

    assert len(png.fingerprints) == len(jpeg.fingerprints) == 1
    assert distance(png.fingerprints[0], jpeg.fingerprints[0]) <= ALIKE


def test_a_flat_picture_is_accepted_without_a_fingerprint(inspected):
    report = inspected(encode_picture(Image.new("RGB", (390, 844), "white")))

    assert report.ok
    assert report.fingerprints == ()


def test_frames_of_a_video_match_those_of_its_re_encoding(inspected):
    screen = draw(SCREENS[0])
    small = screen.resize((270, 584))
    whole = inspected(make_video(3, screen.size, background=screen))
    again = inspected(make_video(3, small.size, background=small, codec="hevc"))

    assert 1 <= len(whole.fingerprints) <= 8
    for seen in again.fingerprints:
        assert min(distance(seen, other) for other in whole.fingerprints) <= ALIKE


def test_a_frame_matches_the_screenshot_of_the_same_screen():
    screen = draw(SCREENS[0])
    frames = Frames()

    frames.offer(VideoFrame.from_image(screen), 0.0)

    [seen] = frames.found
    assert distance(seen, fingerprint(screen) or "") <= ALIKE


def test_a_recording_of_one_screen_has_one_fingerprint_and_of_many_at_most_eight():
    still, moving = Frames(), Frames()
    for second in range(300):
        still.offer(VideoFrame.from_image(draw(SCREENS[0].but(size=(270, 584)))), second)
        moving.offer(VideoFrame.from_image(draw_photo(second % 20, (160, 120))), second)

    assert len(still.found) == 1
    assert len(moving.found) == 8


@pytest.mark.parametrize(
    "told",
    [
        "text",
        ["ab" * 31],
        ["AB" * 32],
        ["zz" * 32],
        [3],
        [["ab" * 32]],
        ["ab" * 32] * 9,
        {"ab" * 32: 1},
        None,
    ],
)
def test_a_child_that_tells_no_fingerprints_is_not_believed(told):
    with pytest.raises(ValueError, match="fingerprint"):
        fingerprints_in(json.loads(json.dumps(told)))
