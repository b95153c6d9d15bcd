"""The files that the customers of the demo send, made of the screens."""

from dataclasses import dataclass

from claims.management.demo import pictures, videos
from claims.management.demo.screens import SCREENS

TOO_SHORT = 0.4
"""Seconds."""
TINY = (9, 16)
"""Pixels."""


@dataclass(frozen=True)
class Sent:
    name: str
    content: bytes


def make_file(wanted: str, *, phone: str) -> Sent:
    """The file that `wanted` names: a screen's name, with an ending unless it is a screenshot.

    `.mp4` is a recording of the screen. The inspection refuses `.short`, one that ends too early,
    and `.tiny`, a picture as small as an icon.
    """
    name, _, ending = wanted.partition(".")
    screen = SCREENS[name]
    if ending == "mp4":
        return Sent(f"{name}.mp4", videos.record(screen, phone=phone))
    if ending == "short":
        return Sent(f"{name}.mp4", videos.record(screen, phone=phone, seconds=TOO_SHORT))
    picture = pictures.draw(screen, phone=phone)
    if ending == "tiny":
        return Sent(f"{name}.png", pictures.png(picture.resize(TINY)))
    if screen.title == "My number":
        return Sent(f"{name}.jpg", pictures.jpeg(picture))
    return Sent(f"{name}.png", pictures.png(picture))
