"""Draws the screens of phones: variants of one screen, and others that look like it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont

TEXT = (
    "your code has not arrived yet please wait for the message this number is banned try another"
    " phone we sent an SMS with activation to log in again later two step verification password"
    " recovery email invalid expired support answer order refund service WhatsApp Telegram Google"
    " account device session terminated hello thanks why still nothing since minutes hours today"
)
WORDS = TEXT.split()


@dataclass(frozen=True, kw_only=True)
class Screen:
    """The content of one screenshot; equal fields draw equal pixels."""

    layout: str = "chat"
    text: int = 0
    """Picks the words."""
    number: str = "+44 7700 900123"
    clock: str = "9:41"
    battery: int = 87
    size: tuple[int, int] = (540, 1170)
    dark: bool = False
    status: float = 0.0
    """Pixels of a status bar that is measured; otherwise it goes with the size."""
    buttons: int = 0
    """Pixels of a bar with three buttons at the bottom; without it, there is a handle."""

    def but(self, **fields: object) -> Screen:
        return replace(self, **fields)  # type: ignore[arg-type]  # any of the fields above


def draw(screen: Screen) -> Image.Image:
    paper, ink = ("#0e1621", "#f0f0f0") if screen.dark else ("#e7ebf0", "#101010")
    picture = Image.new("RGB", screen.size, paper)
    pen = ImageDraw.Draw(picture)
    _draw_bars(pen, screen, ink)
    LAYOUTS[screen.layout](pen, screen, ink)
    return picture


def _font(screen: Screen, scale: float = 1.0) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=max(8, int(screen.size[0] / 26 * scale)))


def _draw_bars(pen: ImageDraw.ImageDraw, screen: Screen, ink: str) -> None:
    """Draw the clock and the battery above, the handle or the buttons below."""
    width, height = screen.size
    font, top = _font(screen), height * 0.012
    if screen.status:
        font, top = ImageFont.load_default(size=screen.status * 0.6), screen.status * 0.2
    pen.text((width * 0.05, top), screen.clock, fill=ink, font=font)
    pen.text((width * 0.75, top), f"5G {screen.battery}%", fill=ink, font=font)
    if screen.buttons:
        _draw_buttons(pen, screen)
    else:
        handle = (width * 0.35, height * 0.978, width * 0.65, height * 0.984)
        pen.rectangle(handle, fill=ink)


def _draw_buttons(pen: ImageDraw.ImageDraw, screen: Screen) -> None:
    """Draw back, home and recent, white on black, as Android has them."""
    width, height = screen.size
    middle, half = height - screen.buttons / 2, screen.buttons / 5
    pen.rectangle((0, height - screen.buttons, width, height), fill="black")
    back, home, recent = (width * at for at in (0.2, 0.5, 0.8))
    triangle = [(back - half, middle), (back + half, middle - half), (back + half, middle + half)]
    pen.polygon(triangle, fill="white")
    pen.ellipse((home - half, middle - half, home + half, middle + half), outline="white", width=4)
    box = (recent - half, middle - half, recent + half, middle + half)
    pen.rectangle(box, outline="white", width=4)


def _lines(screen: Screen, count: int) -> list[str]:
    chance = random.Random(f"{screen.layout} {screen.text}")
    return [" ".join(chance.choices(WORDS, k=chance.randint(2, 6))) for _ in range(count)]


def _draw_chat(pen: ImageDraw.ImageDraw, screen: Screen, ink: str) -> None:
    width, height = screen.size
    unit = width / 26
    pen.rectangle((0, height * 0.045, width, height * 0.1), fill="#517da2")
    pen.text((unit * 3, height * 0.06), screen.number, fill="white", font=_font(screen, 1.1))
    top, chance = height * 0.12, random.Random(screen.text)
    for line in _lines(screen, 12):
        mine = chance.random() < 0.4
        tall = unit * 2.6
        wide = pen.textlength(line, font=_font(screen)) + unit * 1.4
        left = width - wide - unit if mine else unit
        fill = (
            ("#2b5278" if mine else "#182533") if screen.dark else ("#d9fdd3" if mine else "white")
        )
        pen.rounded_rectangle((left, top, left + wide, top + tall), radius=unit, fill=fill)
        pen.text((left + unit * 0.7, top + unit * 0.6), line, fill=ink, font=_font(screen))
        top += tall + unit * chance.choice((0.3, 0.3, 1.2))
    pen.rectangle(
        (0, height * 0.91, width, height * 0.965), fill="white" if ink != "#f0f0f0" else "#17212b"
    )


def _draw_notice(pen: ImageDraw.ImageDraw, screen: Screen, ink: str) -> None:
    """Draw a sign-in page with a refusal: logo, number, one sentence, a button."""
    width, height = screen.size
    pen.ellipse((width * 0.36, height * 0.13, width * 0.64, height * 0.26), fill="#2aabee")
    pen.text((width * 0.25, height * 0.31), screen.number, fill=ink, font=_font(screen, 1.5))
    for at, line in enumerate(_lines(screen, 4)):
        place = width * 0.12, height * (0.4 + 0.035 * at)
        pen.text(place, line, fill=ink, font=_font(screen))
    pen.rounded_rectangle(
        (width * 0.1, height * 0.83, width * 0.9, height * 0.89), radius=20, fill="#2aabee"
    )


def _draw_list(pen: ImageDraw.ImageDraw, screen: Screen, ink: str) -> None:
    """Draw an inbox: a round portrait, a sender and a line of text in each row."""
    width, height = screen.size
    chance = random.Random(screen.text)
    pen.text((width * 0.08, height * 0.06), "Messages", fill=ink, font=_font(screen, 1.6))
    for at, line in enumerate(_lines(screen, 11)):
        top = height * (0.12 + 0.076 * at)
        colour = chance.choice(("#e17076", "#7bc862", "#65aadd", "#a695e7", "#ee7aae"))
        pen.ellipse((width * 0.04, top, width * 0.16, top + width * 0.12), fill=colour)
        pen.text((width * 0.2, top), line.split()[0].title(), fill=ink, font=_font(screen, 1.1))
        pen.text((width * 0.2, top + height * 0.03), line, fill="#808890", font=_font(screen))


def _draw_nothing(pen: ImageDraw.ImageDraw, screen: Screen, ink: str) -> None:
    """Draw a status bar above an empty page."""


LAYOUTS = {"chat": _draw_chat, "notice": _draw_notice, "list": _draw_list, "empty": _draw_nothing}


def draw_photo(seed: int, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """Draw soft shapes with a grain, as a camera sees a room."""
    chance = random.Random(seed)
    picture = Image.new("RGB", size, _colour(chance))
    pen = ImageDraw.Draw(picture)
    for _ in range(25):
        left, top = chance.randrange(size[0]), chance.randrange(size[1])
        box = (left, top, left + chance.randrange(20, 400), top + chance.randrange(20, 300))
        shape = chance.choice((pen.ellipse, pen.rectangle))
        shape(box, fill=_colour(chance))
    soft = picture.filter(ImageFilter.GaussianBlur(3))
    grain = Image.effect_noise(size, 24).convert("RGB")
    return Image.blend(soft, grain, 0.12)


def _colour(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(256), chance.randrange(256), chance.randrange(256)


def as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    target = BytesIO()
    picture.save(target, "JPEG", quality=quality)
    return Image.open(target)


def scaled(picture: Image.Image, by: float) -> Image.Image:
    return picture.resize((round(picture.width * by), round(picture.height * by)))


def cropped(picture: Image.Image, part: float) -> Image.Image:
    """Return the picture without `part` of its width and height, half of it on each side."""
    across, down = round(picture.width * part / 2), round(picture.height * part / 2)
    return picture.crop((across, down, picture.width - across, picture.height - down))
