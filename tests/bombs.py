"""Makes small files that claim or hold far too much, so that reading them exhausts a machine."""

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import av
from PIL import Image

from claims.inspection import FileProblem
from tests.media import encode_picture, make_screenshot, make_video

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
WIDE, HIGH = 16384, 8192
MEBIBYTE = 1024 * 1024


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    crc = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + crc


def png_claiming(width: int = WIDE, height: int = HIGH) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(28 * MEBIBYTE), 9)
    return PNG_HEAD + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def png_with(*chunks: bytes) -> bytes:
    """Return a good screenshot with more chunks behind its header."""
    good = make_screenshot()
    head = len(PNG_HEAD) + 25
    return good[:head] + b"".join(chunks) + good[head:]


def png_of_texts() -> bytes:
    text = zlib.compress(bytes(MEBIBYTE - 1), 9)
    return png_with(*(chunk(b"zTXt", b"Comment\0\0" + text) for _ in range(2000)))


def png_of_long_text() -> bytes:
    text = zlib.compress(bytes(100 * MEBIBYTE), 9)
    return png_with(chunk(b"iTXt", b"Comment\0\1\0\0\0" + text))


def png_of_profile() -> bytes:
    return png_with(chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(100 * MEBIBYTE), 9)))


def png_of_chunks() -> bytes:
    return png_with(chunk(b"tEXt", b"a\0b") * 150_000)


def png_of_pixels() -> bytes:
    """Return a PNG with the rows that it claims and a lot more."""
    good = make_screenshot()
    more = zlib.compress(bytes(64 * MEBIBYTE), 9)
    return good[:33] + chunk(b"IDAT", zlib.compress(b"", 9)[:2] + more[2:]) + good[33:]


def moving_png() -> bytes:
    frames = [Image.new("RGB", (64, 64), (at % 256, at // 256, 0)) for at in range(3000)]
    return encode_picture(frames[0], "png", save_all=True, append_images=frames[1:])


def png_claiming_frames() -> bytes:
    return png_with(chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))


def moving_webp() -> bytes:
    frames = [Image.new("RGB", (64, 64), (at % 256, at // 256, 0)) for at in range(1500)]
    return encode_picture(frames[0], "webp", save_all=True, append_images=frames[1:], method=0)


def jpeg_claiming(width: int = WIDE, height: int = HIGH) -> bytes:
    data = bytearray(make_screenshot(file_format="jpeg"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_of_scans() -> bytes:
    """Return a progressive JPEG whose last scan is repeated: each is a pass over all pixels."""
    data = encode_picture(Image.new("RGB", (8000, 8000), "white"), "jpeg", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 3000 + data[-2:]


def webp_claiming(width: int = WIDE, height: int = HIGH) -> bytes:
    data = bytearray(make_screenshot(file_format="webp", lossless=True))
    at = data.index(b"VP8L") + 9
    kept = int.from_bytes(data[at : at + 4], "little") >> 28
    size = (width - 1) | (height - 1) << 14 | kept << 28
    data[at : at + 4] = size.to_bytes(4, "little")
    return bytes(data)


def heic_claiming(width: int = WIDE, height: int = HIGH) -> bytes:
    data = bytearray(make_screenshot(file_format="heic"))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", width, height)
    return bytes(data)


def tiff(entries: int, following: int) -> bytes:
    """Return EXIF data: one folder of this many entries, each of which claims four gigabytes."""
    entry = struct.pack("<HHII", 0x9286, 7, 0xFFFFFFFF, 8)
    return (
        b"II*\0\x08\0\0\0"
        + struct.pack("<H", entries)
        + entry * entries
        + struct.pack("<I", following)
    )


def jpeg_of_exif() -> bytes:
    """Return a JPEG whose EXIF folder points to itself as the next folder."""
    return make_screenshot(file_format="jpeg", exif=b"Exif\0\0" + tiff(5000, 8))


def png_of_exif() -> bytes:
    return png_with(chunk(b"eXIf", tiff(65535, 8)))


def mp4_claiming(width: int = WIDE, height: int = HIGH) -> bytes:
    """Return an MP4 that makes the claim in the decoder's parameters, which override the
    container's.
    """
    data = make_video(seconds=1, audio=False)
    at = data.index(b"avcC") + 4
    length = int.from_bytes(data[at + 6 : at + 8])
    # Trailing zeros are stuffing, so the rest of the file needs no change.
    return data[: at + 8] + sps(width, height).ljust(length, b"\0") + data[at + 8 + length :]


def sps(width: int, height: int) -> bytes:
    """Return the parameters of an H.264 sequence (ITU-T H.264, 7.3.2.1.1), baseline."""
    bits = "".join(
        [
            *(exp_golomb(value) for value in (0, 0, 2, 1)),
            "0",
            *(exp_golomb(value) for value in (width // 16 - 1, height // 16 - 1)),
            "11001",  # whole frames; inference; no cropping; no more; stop
        ]
    )
    body = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8))
    return b"\x67\x42\xc0\x3e" + body


def exp_golomb(value: int) -> str:
    digits = f"{value + 1:b}"
    return "0" * (len(digits) - 1) + digits


def webm_claiming(width: int = WIDE, height: int = HIGH) -> bytes:
    """Return a WebM with this size. FFmpeg's muxer writes 320 and 284 in two bytes each."""
    data = make_video(seconds=1, size=(320, 284), codec="vp8", container="webm")
    for element, was, now in ((b"\xb0\x82", 320, width), (b"\xba\x82", 284, height)):
        data = data.replace(element + was.to_bytes(2), element + now.to_bytes(2), 1)
    # RFC 6386, 9.1: a key frame states the size, too, in the other byte order.
    frame = b"\x9d\x01\x2a"
    return data.replace(
        frame + struct.pack("<HH", 320, 284), frame + struct.pack("<HH", width - 1, height)
    )


def day_long(container: str, codec: str, *, live: bool = False) -> bytes:
    """Return two frames, twelve hours apart, and a megabyte of nothing. A `live` file omits its
    duration.
    """
    rate = Fraction(1, 43_200)
    video = make_video(86_400, fps=rate, codec=codec, container=container, audio=False, live=live)
    if container == "mp4":
        return video + struct.pack(">I4s", MEBIBYTE, b"free") + bytes(MEBIBYTE - 8)
    return video + b"\xec" + struct.pack(">Q", 1 << 56 | MEBIBYTE) + bytes(MEBIBYTE)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


FTYP: Final = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")


def mp4_of_boxes() -> bytes:
    body = b""
    for _ in range(20_000):
        body = box(b"moov", body)
    return FTYP + body


def mp4_of_siblings() -> bytes:
    return FTYP + box(b"moov", box(b"free", b"") * 1_000_000)


def mp4_of_tracks() -> bytes:
    return FTYP + box(b"moov", box(b"trak", box(b"tkhd", bytes(92))) * 50_000)


def mp4_of_samples(table: bytes) -> bytes:
    """Return a good video whose table of samples claims two thousand million of them."""
    data = bytearray(make_video(seconds=1, audio=False))
    at = data.index(table) + 8
    most = struct.pack(">I", 2**31 - 2)
    if table == b"stsz":
        data[at : at + 8] = struct.pack(">I", 1) + most
    else:
        data[at + 4 : at + 8] = most
    return bytes(data)


def webm_head() -> bytes:
    body = bytes.fromhex("42868101 42f78101 42f28104 42f38108 4282847765626d 42878104 42858102")
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(body)]) + body


UNKNOWN_SIZE: Final = b"\x01" + b"\xff" * 7
SEGMENT: Final = b"\x18\x53\x80\x67" + UNKNOWN_SIZE


def webm_of_voids() -> bytes:
    return webm_head() + SEGMENT + b"\xec\x80" * 2_000_000


def webm_of_depth() -> bytes:
    """Return tags in tags in tags, none of which ends."""
    return webm_head() + SEGMENT + b"\x12\x54\xc3\x67" + UNKNOWN_SIZE + b"\x67\xc8\x88" * 200_000


def webm_of_laces() -> bytes:
    """Return blocks of 256 frames of no bytes each, behind the head of a good video."""
    video = make_video(seconds=1, codec="vp8", container="webm", audio=False, live=True)
    cluster = video.index(b"\x1f\x43\xb6\x75")
    lace = b"\xa3\x86\x81\0\0\x06\xff\0"  # Xiph or fixed lacing: 256 equal parts of nothing
    body = b"\xe7\x81\0" + lace * 200_000
    return video[:cluster] + b"\x1f\x43\xb6\x75" + UNKNOWN_SIZE + body


def mp4_of_edits() -> bytes:
    """Return one second of video that an edit list shows a hundred thousand times."""
    data = make_video(seconds=1, audio=False, metadata={"title": "t"})
    moov = data.index(b"moov") - 4
    trak = data.index(b"trak", moov) - 4
    edits = struct.pack(">II", 0, 100_000) + struct.pack(">IIHH", 1000, 0, 1, 0) * 100_000
    more = box(b"edts", box(b"elst", edits))
    start = data.index(b"edts", trak) - 4
    size = struct.unpack_from(">I", data, start)[0]
    changed = bytearray(data[:start] + more + data[start + size :])
    for at in (moov, trak):
        old = struct.unpack_from(">I", changed, at)[0]
        struct.pack_into(">I", changed, at, old + len(more) - size)
    return bytes(changed)


def mp4_of_streams() -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as output:
        streams = [output.add_stream("mpeg4", rate=5) for _ in range(60)]
        for stream in streams:
            stream.width = stream.height = 16
            stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame(16, 16, "yuv420p")
        for stream in streams:
            frame.pts = 0
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    return target.getvalue()


def mp4_of_packed_boxes() -> bytes:
    """Return a good video with a header that is packed as QuickTime once did, and a gigabyte."""
    video = make_video(seconds=1, audio=False)
    start = video.index(b"moov") - 4
    moov = video[start + 8 :]
    whole = struct.pack(">I4s", 8 + len(moov) + 1024 * MEBIBYTE, b"moov") + moov
    packer = zlib.compressobj(9)
    boxes = box(b"free", b"") * (MEBIBYTE // 8)
    packed = [packer.compress(whole), *(packer.compress(boxes) for _ in range(1024))]
    data = b"".join([*packed, packer.flush()])
    body = struct.pack(">I", 8 + len(moov) + 1024 * MEBIBYTE) + data
    return video[:start] + box(b"moov", box(b"cmov", box(b"dcom", b"zlib") + box(b"cmvd", body)))


def mp4_of_silence() -> bytes:
    """Return a good video with a million sounds of one byte that begin at once: time doesn't
    advance.
    """
    video, count = make_video(seconds=1, audio=False), 1_000_000
    start = video.index(b"moov") - 4
    sound = _sound_track(count, at=0)
    end = len(video) + len(sound) + 8
    moov = box(b"moov", video[start + 8 :] + _sound_track(count, at=end))
    return video[:start] + moov + box(b"mdat", b"\xe0" * count)


def _sound_track(count: int, at: int) -> bytes:
    """Return an Opus track (RFC 7845, in ISO 14496-12): one chunk, equal sizes, no durations."""
    opus = box(b"dOps", bytes([0, 2]) + struct.pack(">HIHB", 0, 48_000, 0, 0))
    entry = struct.pack(">6xH8xHH4xI", 1, 2, 16, 48_000 << 16) + opus
    tables = {
        b"stsd": struct.pack(">II", 0, 1) + box(b"Opus", entry),
        b"stts": struct.pack(">IIII", 0, 1, count, 0),
        b"stsc": struct.pack(">IIIII", 0, 1, 1, count, 1),
        b"stsz": struct.pack(">III", 0, 1, count),
        b"stco": struct.pack(">III", 0, 1, at),
    }
    stbl = box(b"stbl", b"".join(box(name, body) for name, body in tables.items()))
    here = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1) + box(b"url ", bytes([0, 0, 0, 1]))))
    media = box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, 48_000, 0, 0x55C4, 0))
    media += box(b"hdlr", bytes(8) + b"soun" + bytes(13))
    media += box(b"minf", box(b"smhd", bytes(8)) + here + stbl)
    return box(
        b"trak", box(b"tkhd", struct.pack(">IIIIII60x", 7, 0, 0, 2, 0, 0)) + box(b"mdia", media)
    )


PIXELS: Final = frozenset({FileProblem.TOO_MANY_PIXELS})
LONG: Final = frozenset({FileProblem.TOO_LONG})
MOVES: Final = frozenset({FileProblem.ANIMATED})
BROKEN: Final = frozenset(
    {
        FileProblem.DAMAGED,
        FileProblem.NO_VIDEO,
        FileProblem.TOO_COMPLEX,
        FileProblem.TOO_MANY_STREAMS,
        FileProblem.TOO_MANY_FRAMES,
    }
)
HARMLESS: Final = BROKEN | {None}
"""A reader may as well leave out what is hung onto a good file."""

Bomb = tuple[Callable[[], bytes], frozenset[FileProblem | None]]

BOMBS: Final[Mapping[str, Bomb]] = MappingProxyType(
    {
        "png claims pixels": (png_claiming, PIXELS),
        "png claims all pixels": (lambda: png_claiming(2**31 - 1, 2**31 - 1), PIXELS | BROKEN),
        "jpeg claims pixels": (jpeg_claiming, PIXELS),
        "jpeg claims all pixels": (lambda: jpeg_claiming(65_500, 65_500), PIXELS),
        "webp claims pixels": (webp_claiming, PIXELS | BROKEN),
        "heic claims pixels": (heic_claiming, PIXELS | BROKEN),
        "mp4 claims pixels": (mp4_claiming, PIXELS),
        "webm claims pixels": (webm_claiming, PIXELS),
        "png of texts": (png_of_texts, BROKEN),
        "png of a long text": (png_of_long_text, HARMLESS),
        "png of a profile": (png_of_profile, HARMLESS),
        "png of chunks": (png_of_chunks, HARMLESS),
        "png of more pixels than it has": (png_of_pixels, HARMLESS),
        "png of exif": (png_of_exif, HARMLESS),
        "jpeg of exif": (jpeg_of_exif, HARMLESS),
        "apng of frames": (moving_png, MOVES),
        "apng claims frames": (png_claiming_frames, MOVES | BROKEN),
        "webp of frames": (moving_webp, MOVES),
        "mp4 of a day": (lambda: day_long("mp4", "h264"), LONG),
        "webm of a day": (lambda: day_long("webm", "vp8"), LONG),
        "live webm of a day": (lambda: day_long("webm", "vp8", live=True), LONG),
        "mp4 of boxes in boxes": (mp4_of_boxes, BROKEN),
        "mp4 of boxes beside boxes": (mp4_of_siblings, BROKEN),
        "mp4 of tracks": (mp4_of_tracks, BROKEN),
        "mp4 of streams": (mp4_of_streams, BROKEN),
        "mp4 claims samples": (lambda: mp4_of_samples(b"stsz"), BROKEN),
        "mp4 claims times": (lambda: mp4_of_samples(b"stts"), BROKEN | HARMLESS),
        "mp4 of edits": (mp4_of_edits, BROKEN),
        "mp4 of packed boxes": (mp4_of_packed_boxes, BROKEN),
        "webm of voids": (webm_of_voids, BROKEN),
        "webm of elements in elements": (webm_of_depth, BROKEN),
        "webm of laces": (webm_of_laces, BROKEN),
    }
)
