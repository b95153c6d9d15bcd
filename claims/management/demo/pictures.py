"""Screenshots as a phone makes them, drawn when the demo is loaded."""

import io

from PIL import Image, ImageDraw, ImageFont

from claims.management.demo.screens import Screen

SIZE = (720, 1280)
BACKGROUND = "#eef1f4"
INK = "#1b1d21"
MARGIN = 36
LINE = 34
"""Characters that fit into one line of a bubble."""


def draw(
    screen: Screen, *, phone: str, shown: int | None = None, alert: bool = True
) -> Image.Image:
    """The screen with its first `shown` bubbles, or all of them, and with or without the alert."""
    picture = Image.new("RGB", SIZE, BACKGROUND)
    pen = ImageDraw.Draw(picture)
    _draw_bars(pen, screen)
    top = 250
    for turn, text in enumerate(screen.bubbles[:shown]):
        top = _draw_bubble(pen, text.format(phone=phone), top=top, mine=turn % 2 == 0)
    if alert:
        _draw_alert(pen, screen)
    return picture


def png(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def jpeg(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=88)
    return target.getvalue()


def _draw_bars(pen: ImageDraw.ImageDraw, screen: Screen) -> None:
    width, height = SIZE
    pen.rectangle((0, 0, width, 190), fill=screen.colour)
    small = ImageFont.load_default(size=26)
    pen.text((MARGIN, 18), screen.clock, fill="white", font=small)
    pen.text((width - MARGIN, 18), "5G   84%", fill="white", font=small, anchor="ra")
    pen.text((MARGIN, 96), screen.title, fill="white", font=ImageFont.load_default(size=52))
    pen.rounded_rectangle((MARGIN, height - 110, width - 150, height - 40), 35, fill="white")
    pen.text((MARGIN + 28, height - 92), "Message", fill="#8a9099", font=small)
    pen.ellipse((width - 120, height - 112, width - 46, height - 38), fill=screen.colour)


def _draw_bubble(pen: ImageDraw.ImageDraw, text: str, *, top: int, mine: bool) -> int:
    """Draw a bubble, and say where the next one begins."""
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


def _wrapped(text: str, line: int = LINE) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= line:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
