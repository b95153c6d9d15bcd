"""Screenshots like those of a phone, drawn when the demo is loaded."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from datetime import datetime

from PIL import ExifTags, Image, ImageDraw, ImageFont

from config.demo.screens import Screen

SIZE = (720, 1280)
BACKGROUNDS = ("#eef1f4", "#e9efe6", "#f3ece4", "#e8eaf3")
SHADES = ("#dbe2e8", "#d5e0cf", "#e6d9ca", "#d3d7e8")
INK = "#1b1d21"
MARGIN = 36
LINE = 34
"""The characters that fit into one line of a bubble."""


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One phone's screen, perhaps with a code typed into the chat or on a note beside it."""

    screen: Screen
    phone: str
    typed: str = ""
    noted: str = ""


def draw(shot: Shot, *, shown: int | None = None, alert: bool = True) -> Image.Image:
    """Draw the screen with its first `shown` bubbles (None: all), with or without the alert."""
    picture = _wallpaper(shot.phone)
    pen = ImageDraw.Draw(picture)
    _draw_bars(pen, shot.screen, typed=shot.typed)
    top = 250
    for turn, text in enumerate(shot.screen.bubbles[:shown]):
        top = _draw_bubble(pen, text.format(phone=shot.phone), top=top, mine=turn % 2 == 0)
    if alert:
        _draw_alert(pen, shot.screen)
    if shot.noted:
        _lay_note(picture, shot.noted)
    return picture


def png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def jpeg(picture: Image.Image, *, said: Image.Exif | None = None) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=88, exif=said or Image.Exif())
    return target.getvalue()


def saying(*, taken_at: datetime, device: str, software: str) -> Image.Exif:
    """Return EXIF metadata for a file."""
    said = Image.Exif()
    said[ExifTags.Base.Model] = device
    said[ExifTags.Base.Software] = software
    said.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = (
        f"{taken_at:%Y:%m:%d %H:%M:%S}"
    )
    return said


def _wallpaper(phone: str) -> Image.Image:
    """Draw the phone's own background, which makes two phones' screenshots differ."""
    dice = random.Random(phone)  # noqa: S311  # the same phone has the same one each time
    style = dice.randrange(len(BACKGROUNDS))
    picture = Image.new("RGB", SIZE, BACKGROUNDS[style])
    pen = ImageDraw.Draw(picture)
    for _ in range(9):
        x, y, radius = dice.randrange(SIZE[0]), dice.randrange(SIZE[1]), dice.randrange(90, 260)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=SHADES[style])
    return picture


def _draw_bars(pen: ImageDraw.ImageDraw, screen: Screen, *, typed: str) -> None:
    width, height = SIZE
    pen.rectangle((0, 0, width, 190), fill=screen.colour)
    small = ImageFont.load_default(size=26)
    pen.text((MARGIN, 18), screen.clock, fill="white", font=small)
    pen.text((width - MARGIN, 18), "5G   84%", fill="white", font=small, anchor="ra")
    pen.text((MARGIN, 96), screen.title, fill="white", font=ImageFont.load_default(size=52))
    pen.rounded_rectangle((MARGIN, height - 110, width - 150, height - 40), 35, fill="white")
    pen.text(
        (MARGIN + 28, height - 92), typed or "Message", fill=INK if typed else "#8a9099", font=small
    )
    pen.ellipse((width - 120, height - 112, width - 46, height - 38), fill=screen.colour)


def _draw_bubble(pen: ImageDraw.ImageDraw, text: str, *, top: int, mine: bool) -> int:
    """Draw a bubble and return the top of the next one."""
    font = ImageFont.load_default(size=32)
    wrapped = _wrapped(text)
    left = MARGIN if not mine else MARGIN + 60
    box = pen.multiline_textbbox((left + 26, top + 20), wrapped, font=font, spacing=10)
    edge = (left, top, box[2] + 26, box[3] + 24)
    pen.rounded_rectangle(edge, 22, fill="#d7f5d0" if mine else "white")
    pen.multiline_text((left + 26, top + 20), wrapped, fill=INK, font=font, spacing=10)
    return int(edge[3]) + 24


def _draw_alert(pen: ImageDraw.ImageDraw, screen: Screen) -> None:
    width, height = SIZE
    top = height - 480
    pen.rounded_rectangle((60, top, width - 60, top + 250), 26, fill="white", outline="#c4c9d0")
    pen.multiline_text(
        (width / 2, top + 50), _wrapped(screen.alert, 30), fill="#b3261e", anchor="ma",
        align="center", font=ImageFont.load_default(size=36), spacing=12,
    )  # fmt: skip
    pen.text(
        (width / 2, top + 180), "OK", fill=screen.colour, anchor="ma",
        font=ImageFont.load_default(size=36),
    )  # fmt: skip


def _lay_note(picture: Image.Image, code: str) -> None:
    """Draw a paper note, a little askew, over the lower edge of the screen."""
    note = Image.new("RGBA", (330, 150), "#f7e58d")
    pen = ImageDraw.Draw(note)
    for line in (50, 100):
        pen.line((0, line, 330, line), fill="#e3cf6c", width=2)
    pen.text(
        (165, 75), " ".join(code), fill="#23409a", anchor="mm", font=ImageFont.load_default(size=58)
    )
    turned = note.rotate(7, expand=True, resample=Image.Resampling.BICUBIC)
    picture.paste(turned, (40, SIZE[1] - 210), turned)


def _wrapped(text: str, line: int = LINE) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= line:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
