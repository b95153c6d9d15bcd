"""The files that the demo's customers send, made from the screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from config.demo import pictures, videos
from config.demo.pictures import Shot
from config.demo.screens import SCREENS

TOO_SHORT = 0.4
"""Seconds."""
TINY = (9, 16)
SMALLER = (432, 768)
"""Pixels."""
BEFORE_THE_PURCHASE = timedelta(days=3)
WANTED: Final = re.compile(
    r"(?P<screen>[a-z-]+)(\+(?P<code>typed|noted))?(@(?P<order>\d+))?(\.(?P<ending>\w+))?"
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A file as a row of the queue names it, such as `whatsapp-login+noted@2025.smaller`.

    The parts are a screen; `typed` or `noted` if the proof code is in the picture; another order
    whose file it really is; and an ending unless it is a plain screenshot. `.mp4` is a recording,
    `.smaller` a scaled-down picture, `.edited` one that an editor saved and that is older than the
    purchase. The inspection refuses `.short`, a recording that ends too early, and `.tiny`, a
    picture as small as an icon.
    """

    screen: str
    code: str = ""
    order: str = ""
    ending: str = ""


@dataclass(frozen=True, kw_only=True)
class About:
    """The order that a file is about."""

    phone: str
    code: str
    bought_at: datetime


@dataclass(frozen=True)
class Sent:
    name: str
    content: bytes


def wanted(text: str) -> Wanted:
    found = WANTED.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} names no file.")
    return Wanted(**{name: part or "" for name, part in found.groupdict().items()})


def make_file(wanted: Wanted, about: About) -> Sent:
    shot = Shot(screen=SCREENS[wanted.screen], phone=about.phone)
    if wanted.code == "typed":
        shot = replace(shot, typed=about.code)
    if wanted.code == "noted":
        shot = replace(shot, noted=about.code)
    make = _ENDINGS.get(wanted.ending, _screenshot)
    return make(wanted.screen, shot, about)


def _screenshot(name: str, shot: Shot, about: About) -> Sent:
    picture = pictures.draw(shot)
    if shot.screen.title == "My number":
        return Sent(f"{name}.jpg", pictures.jpeg(picture))
    return Sent(f"{name}.png", pictures.png(picture))


def _tiny(name: str, shot: Shot, about: About) -> Sent:
    return Sent(f"{name}.png", pictures.png(pictures.draw(shot).resize(TINY)))


def _smaller(name: str, shot: Shot, about: About) -> Sent:
    return Sent("IMG_2231.jpg", pictures.jpeg(pictures.draw(shot).resize(SMALLER)))


def _edited(name: str, shot: Shot, about: About) -> Sent:
    said = pictures.saying(
        taken_at=about.bought_at - BEFORE_THE_PURCHASE, device="Nord 7", software="PhotoFix 4.2"
    )
    return Sent(f"{name}.jpg", pictures.jpeg(pictures.draw(shot), said=said))


def _recording(name: str, shot: Shot, about: About) -> Sent:
    return Sent(f"{name}.mp4", videos.record(shot))


def _short(name: str, shot: Shot, about: About) -> Sent:
    return Sent(f"{name}.mp4", videos.record(shot, seconds=TOO_SHORT))


_ENDINGS: Final[Mapping[str, Callable[[str, Shot, About], Sent]]] = {
    "mp4": _recording,
    "short": _short,
    "tiny": _tiny,
    "smaller": _smaller,
    "edited": _edited,
}
