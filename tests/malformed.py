"""Makes hundreds of files that aren't what they claim to be, the same ones on every run."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from tests.bombs import BOMBS, box, chunk, jpeg_of_exif, png_of_exif
from tests.media import make_screenshot, make_video

SEED: Final = 20261123
MARK: Final = b"<script>/*b7e4-mark*/</script>"
"""Hidden in polyglots: not to be found in anything that is kept."""


@dataclass(frozen=True, slots=True)
class Malformed:
    name: str
    data: bytes
    known: bool = True
    """True if its first bytes may be those of an accepted format: then the door may let it in."""


@cache
def good() -> Mapping[str, bytes]:
    """Return one small file of each format."""
    pictures = ("png", "jpeg", "webp", "heic")
    return MappingProxyType(
        {name: make_screenshot(size=(96, 128), file_format=name) for name in pictures}
        | {
            "mp4": make_video(1, (48, 64), fps=8),
            "mov": make_video(1, (48, 64), fps=8, container="mov", audio=False),
            "webm": make_video(1, (48, 64), fps=8, codec="vp8", container="webm"),
        }
    )


def truncated(chance: random.Random) -> Iterator[Malformed]:
    for name, data in good().items():
        cuts = {1, 4, 12, 40, len(data) // 2, len(data) - 1}
        cuts |= {chance.randrange(len(data)) for _ in range(3)}
        for cut in sorted(cuts):
            kept = "all but the last byte" if cut == len(data) - 1 else f"first {cut} bytes"
            yield Malformed(f"{kept} of {name}", data[:cut])


def bits_flipped(chance: random.Random) -> Iterator[Malformed]:
    for name, data in good().items():
        for number in range(11):
            changed = bytearray(data)
            # Half of them are among the headers, where they do the most harm.
            reach = min(len(data), 400) if number % 2 else len(data)
            for _ in range(chance.choice((1, 5, 40))):
                changed[chance.randrange(reach)] ^= 1 << chance.randrange(8)
            yield Malformed(f"flips {number} in {name}", bytes(changed))


def pieces_moved(chance: random.Random) -> Iterator[Malformed]:
    for name, data in good().items():
        a, b, c = sorted(chance.sample(range(16, len(data)), 3))
        yield Malformed(f"{name} with a hole", data[:a] + data[b:])
        yield Malformed(f"{name} with zeros", data[:a] + bytes(b - a) + data[b:])
        yield Malformed(f"{name} with a part twice", data[:b] + data[a:])
        yield Malformed(f"{name} turned around", data[:a] + data[b:c] + data[a:b] + data[c:])
        yield Malformed(f"{name} with noise", data[:a] + chance.randbytes(b - a) + data[b:])


def wrong_magic(chance: random.Random) -> Iterator[Malformed]:
    names = list(good())
    for name in names:
        head = good()[name][:32]
        yield Malformed(f"noise with the head of {name}", head + chance.randbytes(3000))
        yield Malformed(f"{name} without its head", good()[name][32:])
        other = chance.choice([each for each in names if each != name])
        yield Malformed(f"{other} with the head of {name}", head + good()[other][32:])
        yield Malformed(f"all of {other} behind the head of {name}", head + good()[other])


def archive(inner: bytes = MARK) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        # With a fixed time of creation, not the present.
        packed.writestr(zipfile.ZipInfo("index.html"), inner)
    return target.getvalue()


PAGE: Final = b"<!doctype html><html><body>" + MARK + b"</body></html>"
PDF: Final = (
    b"%PDF-1.7\n1 0 obj\n<</OpenAction<</S/JavaScript/JS(" + MARK + b")>>>>\nendobj\n%%EOF\n"
)
CODE: Final = b"*/=1;alert('b7e4-mark');" + MARK


def png_with(*chunks: bytes) -> bytes:
    data = good()["png"]
    return data[:33] + b"".join(chunks) + data[33:]


def jpeg_with(marker: int, body: bytes) -> bytes:
    data = good()["jpeg"]
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + data[2:]


def webp_with(name: bytes, body: bytes) -> bytes:
    body += b"\0" * (len(body) % 2)
    data = good()["webp"] + struct.pack("<4sI", name, len(body)) + body
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def polyglots(chance: random.Random) -> Iterator[Malformed]:
    """Return files that are each two valid files at once."""
    kinds = good()
    made = {
        "png and zip": kinds["png"] + archive(),
        "png and page": png_with(chunk(b"tEXt", b"Comment\0" + PAGE)),
        "png and packed page": png_with(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(PAGE))),
        "png and php": png_with(chunk(b"iTXt", b"x\0\0\0\0\0<?php system($_GET[1]); ?>" + MARK)),
        "png and profile": png_with(chunk(b"iCCP", b"p\0\0" + zlib.compress(MARK * 9))),
        "png and mp4": kinds["png"] + kinds["mp4"] + MARK,
        "jpeg and page": jpeg_with(0xFE, PAGE) + PAGE,
        "jpeg and code": jpeg_with(0xE0, CODE),
        "jpeg and zip": kinds["jpeg"] + archive(),
        "jpeg and exif": jpeg_with(0xE1, b"Exif\0\0II*\0" + PAGE),
        "jpeg and xmp": jpeg_with(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PAGE),
        "jpeg and jpeg": kinds["jpeg"] + MARK + kinds["jpeg"],
        "webp and code": webp_with(b"JS  ", CODE) + CODE,
        "webp and exif": webp_with(b"EXIF", PAGE),
        "webp and pdf": kinds["webp"] + PDF,
        "heic and page": kinds["heic"] + PAGE,
        "heic and free page": kinds["heic"] + box(b"free", PAGE),
        "mp4 and pdf": kinds["mp4"] + box(b"free", PDF),
        "mp4 and early pdf": mp4_behind(box(b"free", PDF)),
        "mp4 and zip": kinds["mp4"] + archive(),
        "mp4 and title": make_video(1, (48, 64), 8, metadata={"title": MARK.decode()}),
        "mov and page": kinds["mov"] + box(b"skip", PAGE),
        "webm and code": kinds["webm"] + b"\xec" + bytes([0x80 | len(CODE)]) + CODE,
        "mp4 and webm": kinds["mp4"] + kinds["webm"] + MARK,
        "webm and mp4": kinds["webm"] + kinds["mp4"] + MARK,
    }
    for name, data in made.items():
        yield Malformed(name, data)
    for name, data in {
        "gif and code": b"GIF89a=1;/*" + CODE,
        "zip and png": archive() + kinds["png"],
        "page and jpeg": PAGE + kinds["jpeg"],
        "pdf and mp4": PDF + kinds["mp4"],
        "program and png": b"MZ\x90\0" + kinds["png"],
    }.items():
        yield Malformed(name, data, known=False)


def mp4_behind(more: bytes) -> bytes:
    """Return a good video with another box behind its first; its index points too far ahead."""
    data = good()["mp4"]
    first = struct.unpack_from(">I", data)[0]
    return data[:first] + more + data[first:]


def not_media(chance: random.Random) -> Iterator[Malformed]:
    for name, data in {
        "nothing": b"",
        "one byte": b"\xff",
        "zeros": bytes(4096),
        "noise": chance.randbytes(4096),
        "text": b"just words " * 99,
        "page": PAGE,
        "old page": b"\xef\xbb\xbf \n<HTML>" + MARK,
        "drawing": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>" + MARK + b"</svg>",
        "drawing in xml": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        "pdf": PDF,
        "gif": b"GIF89a\x10\0\x10\0\0\0\0;",
        "bitmap": b"BM" + struct.pack("<IHHI", 70, 0, 0, 54) + bytes(60),
        "tiff": b"II*\0\x08\0\0\0" + bytes(64),
        "icon": b"\0\0\1\0\1\0\x10\x10" + bytes(64),
        "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(64),
        "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(64),
        "avi": b"RIFF\0\0\0\0AVI LIST" + bytes(64),
        "wave": b"RIFF\0\0\0\0WAVEfmt " + bytes(64),
        "ogg": b"OggS" + bytes(64),
        "mp3": b"ID3\4" + bytes(64),
        "zip": archive(),
        "gzip": zlib.compress(PAGE),
        "program": b"\x7fELF\2\1\1" + bytes(64),
        "script": b"#!/bin/sh\nrm -rf /\n",
        "postscript": b"%!PS-Adobe-3.0\n(" + MARK + b") run\n",
        "magick script": b"push graphic-context\nimage over 0,0 0,0 'https://example.com'\n",
    }.items():
        yield Malformed(name, data, known=False)


def huge_headers(chance: random.Random) -> Iterator[Malformed]:
    kinds = good()
    ftyp = kinds["mp4"][: struct.unpack_from(">I", kinds["mp4"])[0]]
    webm_head = kinds["webm"][:40]
    for name, data in {
        "png of a huge chunk": kinds["png"][:33] + struct.pack(">I", 2**31 - 1) + b"IDATxx",
        "png of a huge text": png_with(struct.pack(">I", 2**32 - 1) + b"tEXt" + MARK),
        "png without pixels": kinds["png"][:33] + chunk(b"IEND", b""),
        "png of no size": kinds["png"][:16] + bytes(8) + kinds["png"][24:],
        "jpeg of long segments": jpeg_with(0xE1, bytes(65_533)) + kinds["jpeg"],
        "jpeg of a thousand segments": kinds["jpeg"][:2] + b"\xff\xe9\0\2" * 1000,
        "jpeg of a cut segment": kinds["jpeg"][:2] + b"\xff\xe1\xff\xff" + b"Exif\0\0",
        "webp of a huge chunk": b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff" + bytes(99),
        "webp of many canvases": b"RIFF\xff\0\0\0WEBPVP8X\n\0\0\0\x02" + b"\xff" * 9 + bytes(99),
        "mp4 of a huge box": ftyp + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + bytes(99),
        "mp4 of an overflowing box": ftyp + struct.pack(">I4sQ", 1, b"moov", 2**64 - 1),
        "mp4 of an empty box": ftyp + struct.pack(">I4s", 0, b"moov"),
        "mp4 of a small box": ftyp + struct.pack(">I4s", 3, b"moov") + bytes(99),
        "mp4 whose first box is all": struct.pack(">I", 2**32 - 1) + kinds["mp4"][4:],
        "webm of a huge element": webm_head + b"\x18\x53\x80\x67\x01" + b"\xff" * 6 + b"\xfe",
        "webm of endless head": b"\x1a\x45\xdf\xa3\x01" + b"\xff" * 7 + kinds["webm"][5:],
        "heic of a huge box": kinds["heic"][:24] + struct.pack(">I4s", 2**32 - 1, b"meta"),
    }.items():
        yield Malformed(name, data)


def nested(chance: random.Random) -> Iterator[Malformed]:
    kinds = good()
    ftyp = kinds["mp4"][: struct.unpack_from(">I", kinds["mp4"])[0]]
    for name, data in kinds.items():
        yield Malformed(f"{name} in a box of media", ftyp + box(b"mdat", data))
        yield Malformed(f"{name} in a chunk", png_with(chunk(b"teSt", data)))
    yield Malformed("matroska", b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska" + bytes(64))
    yield Malformed("mp4 in its own index", ftyp + box(b"moov", kinds["mp4"]))
    for name in (
        "png claims pixels",
        "apng claims frames",
        "webm of voids",
        "mp4 of boxes in boxes",
    ):
        yield Malformed(name, BOMBS[name][0]())
    yield Malformed("jpeg of exif", jpeg_of_exif())
    yield Malformed("png of exif", png_of_exif())


def references(address: str, secret: str) -> Iterator[Malformed]:
    """Return files that ask their reader to fetch `address` or to open `secret`."""
    ftyp = good()["mp4"][: struct.unpack_from(">I", good()["mp4"])[0]]
    list_of = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
    for place in (f"http://{address}/a.ts", f"file://{secret}", secret, f"tcp://{address}"):
        hls = list_of.format(place).encode()
        yield Malformed(f"hls of {place}", hls, known=False)
        yield Malformed(f"hls of {place} in mp4", ftyp + hls)
        yield Malformed(f"hls of {place} in webm", good()["webm"][:40] + hls)
        yield Malformed(
            f"concat of {place}", f"ffconcat version 1.0\nfile '{place}'\n".encode(), known=False
        )
        yield Malformed(
            f"dash of {place}", f"<MPD><BaseURL>{place}</BaseURL></MPD>".encode(), known=False
        )
        drawing = f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{place}'/></svg>"
        yield Malformed(f"drawing of {place}", drawing.encode(), known=False)
        document = f"<!DOCTYPE a [<!ENTITY b SYSTEM '{place}'>]><svg>&b;</svg>"
        yield Malformed(f"entity of {place}", document.encode(), known=False)
        yield Malformed(f"redirection to {place}", ftyp + redirection(place.encode()))
        yield Malformed(f"samples in {place}", samples_in(place.encode()))
        link = f"<html><img src='{place}'><meta http-equiv=refresh content='0;{place}'>".encode()
        yield Malformed(f"page in jpeg with {place}", jpeg_with(0xFE, link))


def redirection(place: bytes) -> bytes:
    """Return a QuickTime movie that refers to another place."""
    body = struct.pack(">I4sI", 0, b"url ", len(place)) + place
    return box(b"moov", box(b"rmra", box(b"rmda", box(b"rdrf", body))))


def samples_in(place: bytes) -> bytes:
    """Return a good video whose index says that its media are in another file."""
    data = make_video(1, (48, 64), 8, audio=False)
    at = data.index(b"url ", data.index(b"dref")) - 4
    old = struct.unpack_from(">I", data, at)[0]
    entry = box(b"url ", bytes(4) + place + b"\0")
    changed = bytearray(data[:at] + entry + data[at + old :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        start = data.index(name, data.index(b"moov")) - 4
        size = struct.unpack_from(">I", data, start)[0]
        struct.pack_into(">I", changed, start, size + len(entry) - old)
    return bytes(changed)


Family = Callable[[random.Random], Iterator[Malformed]]

FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "truncated": truncated,
        "bits flipped": bits_flipped,
        "pieces moved": pieces_moved,
        "wrong magic": wrong_magic,
        "polyglots": polyglots,
        "not media": not_media,
        "huge headers": huge_headers,
        "nested": nested,
    }
)

MAY_BE_ACCEPTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        # The last byte of these holds no pixel, and a WebM plays as far as it goes.
        "truncated": r"all but the last byte of (png|mp4|webm)|first \d+ bytes of webm",
        # A PNG has checksums; the others still show something.
        "bits flipped": r"flips \d+ in (jpeg|webp|heic|mp4|mov|webm)",
        # Wrong colours are pixels, too.
        "pieces moved": r"(jpeg|webp|heic) (with .+|turned around)",
        # One family of formats: their first boxes are nearly the same.
        "wrong magic": r"(heic|mp4|mov) with the head of (heic|mp4|mov)",
        # A valid picture or video that comes first; the other file stays behind. An early box makes
        # the index of the MP4 wrong.
        "polyglots": r"(png|jpeg|webp|heic|mp4|mov|webm) and (?!early pdf$).+",
        "not media": r"(?!)",
        # Long, but true; and a length that means "to the end".
        "huge headers": r"jpeg of long segments|webm of endless head",
        # A PNG with an unknown chunk, and metadata that is discarded.
        "nested": r".+ in a chunk|(jpeg|png) of exif",
        # Samples are read out of the file itself, and the page is a comment.
        "references": r"samples in .+|page in jpeg with .+",
    }
)
"""The names of those files, by family, that still hold a picture or a video: their renditions are
held to be clean. All others must be refused."""
MOST_FLIPS_ACCEPTED: Final = 0.7
"""The share of the files with flipped bits that may be accepted."""

NAMES: Final = (
    "../../etc/passwd.png",
    "..\\..\\windows\\system32\\proof.png",
    "gnp.\N{RIGHT-TO-LEFT OVERRIDE}exe.png",
    "a\0b.png",
    "a\nSet-Cookie: b=c.png",
    "<img src=x onerror=alert(1)>.png",
    "'; DROP TABLE claims_upload; --.png",
    "{{ settings.SECRET_KEY }}.png",
    "\N{ZERO WIDTH SPACE}",
    ".",
    "CON",
    "~/.ssh/authorized_keys",
    "http://127.0.0.1/a.png",
    "%2e%2e%2fa.png",
    "\N{PILE OF POO}" * 200,
    "p" * 5000 + ".png",
)


def family(name: str) -> list[Malformed]:
    """Return the files of the family, the same ones on every run, without repetition."""
    chance = random.Random(f"{SEED} {name}")
    return list({made.data: made for made in FAMILIES[name](chance)}.values())


def in_batches(files: list[Malformed], size: int) -> Iterator[list[Malformed]]:
    for start in range(0, len(files), size):
        yield files[start : start + size]
