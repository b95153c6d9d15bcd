"""The ways in which files get onto the page (dropped, pasted, photographed), and their problems."""

from __future__ import annotations

import base64
import random
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from claims.models import Upload
from tests.browser.lines import Line
from tests.browser.pages import choose, open_form, tile
from tests.media import encode_picture, make_screenshot, make_video

pytestmark = pytest.mark.usefixtures("at_work")


@pytest.fixture
def shot() -> str:
    """Return a picture in base 64, as a script takes it."""
    return base64.b64encode(make_screenshot("This phone number is banned")).decode()


MEBIBYTE = 1024 * 1024
BLOB = "Uint8Array.from(atob(data), letter => letter.charCodeAt(0))"


def test_files_are_dropped_on_the_field(open_page, order, shot):
    page = open_page(width=1280)
    open_form(page, order)
    dropped = page.evaluate_handle(
        f"""data => {{
            const transfer = new DataTransfer();
            transfer.items.add(new File([{BLOB}], "dropped.png", {{ type: "image/png" }}));
            return transfer;
        }}""",
        shot,
    )
    zone = page.locator("[data-zone]")

    zone.dispatch_event("dragover", {"dataTransfer": dropped})
    expect(zone).to_have_class(re.compile("dropzone--over"))
    zone.dispatch_event("drop", {"dataTransfer": dropped})

    expect(zone).not_to_have_class(re.compile("dropzone--over"))
    expect(tile(page, "dropped.png")).to_contain_text("Checked")


def test_a_screenshot_is_pasted_and_text_stays_text(open_page, order, shot):
    page = open_page(width=1280, permissions=["clipboard-read", "clipboard-write"])
    open_form(page, order)
    copy = f"""data => navigator.clipboard.write([new ClipboardItem({{
        "image/png": new Blob([{BLOB}], {{ type: "image/png" }}),
    }})])"""
    reason = page.get_by_label("What happened?")

    page.evaluate(copy, shot)
    reason.focus()
    page.keyboard.press("Control+V")
    expect(tile(page, "Pasted")).to_contain_text("Checked")
    page.evaluate("navigator.clipboard.writeText('Words from elsewhere')")
    page.keyboard.press("Control+V")

    expect(reason).to_have_value("Words from elsewhere")
    expect(page.locator("[data-list] .tile")).to_have_count(1)
    upload = Upload.objects.get(order=order)
    assert re.fullmatch(r"Pasted \d\d\.\d\d\.\d\d image\.png", upload.original_name)


def test_a_phone_offers_its_camera_and_no_screen_recording(open_page, order, tmp_path):
    page = open_page(has_touch=True, is_mobile=True)
    page.add_init_script("delete MediaDevices.prototype.getDisplayMedia")
    open_form(page, order)
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(make_screenshot(file_format="jpeg"))

    expect(page.get_by_role("button", name="Record the screen")).to_be_hidden()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take a photo").tap()
    camera = chooser.value.element
    assert camera.get_attribute("capture") == "environment"
    assert camera.get_attribute("accept") == "image/*"
    assert camera.get_attribute("name") is None
    chooser.value.set_files(photo)

    expect(tile(page, "IMG_0001.jpg")).to_contain_text("Checked")


def test_a_desk_has_no_camera_button(open_page, order):
    page = open_page(width=1280)
    open_form(page, order)

    expect(page.get_by_role("button", name="Record the screen")).to_be_visible()
    expect(page.get_by_role("button", name="Take a photo")).to_be_hidden()


@pytest.fixture
def unfit(tmp_path: Path) -> dict[Path, str]:
    """Return files with the problem that the page names before it sends a byte."""
    noise = Image.frombytes("RGB", (2000, 2000), random.Random(1).randbytes(12_000_000))
    small = draw_small()
    made = {
        "large.png": (
            encode_picture(noise),
            "Too large: 11.5 MB, and at most 10 MB can be sent. Take a screenshot of it",
        ),
        "large.mov": (
            bytes(101 * MEBIBYTE),
            "Too large: 101 MB, and at most 100 MB can be sent. Film with less: on an iPhone with",
        ),
        "long.mp4": (make_video(200, small, 1), "Too long: 200 seconds, and at most 180"),
        "endless.webm": (
            make_video(200, small, 1, "vp8", "webm", live=True),
            "Too long: 200 seconds, and at most 180",
        ),
        "short.mp4": (make_video(0.5, small, 10), "Too short: film at least 1 second."),
        "moving.gif": (b"GIF89a" + bytes(100), "We can’t take this type. Send a screenshot"),
        "empty.png": (b"", "This file is empty."),
    }
    for name, (content, _) in made.items():
        (tmp_path / name).write_bytes(content)
    return {tmp_path / name: said for name, (_, said) in made.items()}


@pytest.mark.parametrize(
    ("name", "media_type", "make"),
    [
        ("desk.mkv", "video/x-matroska", lambda: make_video(container="matroska")),
        ("DESK.MKV", "", lambda: make_video(container="matroska")),
        ("old.3gp", "video/3gpp", lambda: make_video(container="3gp", audio=False)),
        ("mac.m4v", "video/x-m4v", make_video),
        ("saved.jfif", "image/pjpeg", lambda: make_screenshot(file_format="jpeg")),
    ],
)
def test_rarer_names_and_types_of_what_the_server_takes_are_sent(
    name, media_type, make, open_page, order
):
    page = open_page()
    open_form(page, order)

    dropped = page.evaluate_handle(
        f"""([data, name, type]) => {{
            const transfer = new DataTransfer();
            transfer.items.add(new File([{BLOB}], name, {{ type }}));
            return transfer;
        }}""",
        [base64.b64encode(make()).decode(), name, media_type],
    )
    page.locator("[data-zone]").dispatch_event("drop", {"dataTransfer": dropped})

    expect(tile(page, name)).to_contain_text("Checked")
    assert Upload.objects.get(order=order).original_name == name


def test_a_chooser_offers_what_the_check_takes(open_page, order):
    page = open_page()
    open_form(page, order)
    accept = page.get_by_label("Screenshots and videos").get_attribute("accept")

    assert accept is not None
    assert {".jfif", ".m4v", ".3gp", ".mkv", "video/x-matroska"} <= set(accept.split(","))


def draw_small() -> tuple[int, int]:
    return (64, 64)


def test_what_is_wrong_is_said_before_anything_is_sent(open_page, order, unfit):
    page = open_page()
    open_form(page, order)
    line = Line(page)

    choose(page, *unfit)

    for file, said in unfit.items():
        expect(tile(page, file.name).locator(".tile__problem")).to_contain_text(said)
        expect(page.locator("[data-voice]")).to_contain_text(said)
    assert line.requests == []
    tile(page, "empty.png").get_by_role("button", name="Remove").click()
    expect(tile(page, "empty.png")).to_have_count(0)
    assert line.requests == []


def test_a_seventh_file_is_too_many(open_page, order, tmp_path):
    page = open_page()
    open_form(page, order)
    files = [tmp_path / f"{number}.png" for number in range(7)]
    for file in files:
        file.write_bytes(make_screenshot(file.name))

    choose(page, *files)

    expect(page.locator("[data-list]").get_by_text("Checked")).to_have_count(6)
    expect(tile(page, "6.png")).to_contain_text("At most 6 files can be sent. Remove one")
    assert Upload.objects.filter(order=order).count() == 6
    choose(page, files[0])
    expect(page.locator("[data-voice]")).to_contain_text("0.png is there already.")


def test_no_button_is_too_small_for_a_finger(open_page, order, tmp_path):
    page = open_page(width=320, has_touch=True, is_mobile=True)
    open_form(page, order)
    Line(page)
    shot = tmp_path / "banned.png"
    shot.write_bytes(make_screenshot())
    choose(page, shot)
    page.get_by_role("button", name="Pause banned.png").wait_for()

    for button in page.locator("[data-uploads] button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
    assert fits(page)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
