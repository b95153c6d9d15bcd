"""The metadata of a file, which never includes the place."""

import json
from io import BytesIO

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from claims.inspection.confinement.child_answers import facts_in, tidy
from claims.inspection.file_metadata import of_picture, of_video
from tests.media import draw_screenshot, encode_picture, make_video

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description
 xmp:CreatorTool="Adobe Photoshop 25.0 (Windows)" exif:GPSLatitude="51,28.6N"
 photoshop:City="Greenwich" xmp:CreateDate="2026-11-20T10:11:12+01:00">
 <xmpMM:History><rdf:li stEvt:action="saved" stEvt:softwareAgent="Adobe Photoshop 25.0"/>
 <rdf:li><stEvt:softwareAgent>Adobe Lightroom 13</stEvt:softwareAgent></rdf:li></xmpMM:History>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
PLACES = ("51.4769", "-0.0005", "Greenwich", "GPS", "51,28", "+51", "28, 36", "28.6")


def exif(**tags: str) -> Image.Exif:
    """Return EXIF data, always with a place."""
    made = Image.Exif()
    for name in ("Make", "Model", "Software"):
        if name in tags:
            made[ExifTags.Base[name]] = tags[name]
    inner = made.get_ifd(ExifTags.IFD.Exif)
    for name in ("DateTimeOriginal", "OffsetTimeOriginal"):
        if name in tags:
            inner[ExifTags.Base[name]] = tags[name]
    place = made.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (51.0, 28.0, 36.84)
    place[ExifTags.GPS.GPSAreaInformation] = b"ASCII\0\0\0Greenwich"
    return made


CAMERA = {
    "Make": "Apple",
    "Model": "iPhone 15 Pro",
    "Software": "18.1",
    "DateTimeOriginal": "2026:11:20 10:11:12",
    "OffsetTimeOriginal": "+02:00",
}


@pytest.mark.parametrize("file_format", ["jpeg", "png", "webp", "heic"])
def test_exif_tells_time_device_and_software(inspected, file_format):
    report = inspected(encode_picture(draw_screenshot(), file_format, exif=exif(**CAMERA)))

    assert report.ok
    assert report.said == {
        "captured_at": "2026-11-20T10:11:12+02:00",
        "device": "Apple iPhone 15 Pro",
        "software": "18.1",
    }


def test_a_time_without_a_zone_is_kept_without_one(inspected):
    tags = {"DateTimeOriginal": "2026:11:20 10:11:12"}

    report = inspected(encode_picture(draw_screenshot(), "jpeg", exif=exif(**tags)))

    assert report.said == {"captured_at": "2026-11-20T10:11:12"}


@pytest.mark.parametrize("taken", ["9999:12:31 23:59:59", "1970:01:01 00:00:00"])
def test_a_time_that_can_not_be_true_is_no_fact(inspected, taken):
    """A page couldn't show the last possible instant in another zone."""
    tags = {"DateTimeOriginal": taken}

    report = inspected(encode_picture(draw_screenshot(), "jpeg", exif=exif(**tags)))

    assert report.ok
    assert report.said == {}


def test_text_of_a_png_tells_its_software(inspected):
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", "Picsart")
    text.add_text("Creation Time", "2026:11:20 10:11:12")
    text.add_text("Comment", "taken at 51.4769, -0.0005 in Greenwich")

    report = inspected(encode_picture(draw_screenshot(), pnginfo=text))

    assert report.said == {
        "captured_at": "2026-11-20T10:11:12",
        "software": "Picsart",
        "edited_with": "Picsart",
    }


def test_xmp_tells_what_has_edited_a_picture(inspected):
    report = inspected(encode_picture(draw_screenshot(), "jpeg", xmp=XMP.encode()))

    assert report.said == {
        "captured_at": "2026-11-20T10:11:12+01:00",
        "software": "Adobe Photoshop 25.0 (Windows)",
        "edited_with": "Adobe Photoshop 25.0 (Windows)",
    }


def test_photoshop_leaves_a_block(inspected):
    jpeg = encode_picture(draw_screenshot(), "jpeg")
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\0"
    segment = b"\xff\xed" + (len(block) + 2).to_bytes(2) + block

    report = inspected(jpeg[:2] + segment + jpeg[2:])

    assert report.said == {"edited_with": "something that writes Photoshop's data block"}


def test_a_video_tells_time_device_and_software(inspected):
    tags = {
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 15",
        "com.apple.quicktime.software": "18.1",
        "com.apple.quicktime.creationdate": "2026-11-20T12:11:12+0200",
        "com.apple.quicktime.location.ISO6709": "+51.4769-000.0005+046.000/",
        "location": "+51.4769-000.0005/",
        "location-eng": "+51.4769-000.0005/",
    }

    data = make_video(metadata=tags, container="mov", any_tags=True)
    assert b"+51.4769-000.0005" in data

    report = inspected(data)

    assert report.ok
    assert report.said == {
        "captured_at": "2026-11-20T12:11:12+02:00",
        "device": "Apple iPhone 15",
        "software": "18.1",
    }
    assert not any(place in json.dumps(report.as_dict()) for place in PLACES)


def test_tags_of_phones_are_read_and_their_places_are_not():
    from_apple = {
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 15",
        "com.apple.quicktime.creationdate": "2026-11-20T12:11:12+0200",
        "com.apple.quicktime.location.ISO6709": "+51.4769-000.0005/",
        "creation_time": "2026-11-20T10:11:12.000000Z",
        "encoder": "Lavf61.7.100",
    }
    of_editor = {"handler_name": "Mainconcept Video Media Handler"}

    assert inspecting_said(from_apple, of_editor) == {
        "captured_at": "2026-11-20T12:11:12+02:00",
        "device": "Apple iPhone 15",
        "software": "Lavf61.7.100",
        "edited_with": "Mainconcept Video Media Handler",
    }


def inspecting_said(container: dict[str, str], stream: dict[str, str]) -> dict[str, str]:
    from_child = of_video(container, stream)
    assert facts_in(json.loads(json.dumps(from_child))) == from_child
    return from_child


@pytest.mark.parametrize("file_format", ["jpeg", "png", "webp", "heic"])
def test_no_place_is_anywhere_in_the_report(inspected, file_format):
    tags = CAMERA | {"Software": "at 51.4769, -0.0005"}
    data = encode_picture(
        draw_screenshot(),
        file_format,
        exif=exif(**tags),
        **({} if file_format == "png" else {"xmp": XMP.encode()}),
    )
    assert b"Greenwich" in data

    report = inspected(data)

    assert report.ok
    told = json.dumps(report.as_dict())
    assert not any(place in told for place in PLACES)


def test_a_place_in_the_wrong_tag_would_be_kept_without_the_guard(monkeypatch):
    picture = reopened(
        encode_picture(draw_screenshot(), "jpeg", exif=exif(Software="51.4769, -0.0005"))
    )

    assert of_picture(picture) == {}
    monkeypatch.setattr("claims.inspection.file_metadata.tidy", str)
    assert of_picture(picture)["software"] == "51.4769, -0.0005"


def reopened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Pixel\x00 8\n\tPro ", "Pixel 8 Pro"),
        ("a" * 5000, "a" * 80),
        ("\x1b[31mred\u202e", "[31mred"),
        ("\ud800", ""),
        ("48.8584N 2.2945E", ""),
        ("Lavf61.7.100", "Lavf61.7.100"),
    ],
)
def test_texts_are_made_plain(text, kept):
    assert tidy(text) == kept


@pytest.mark.parametrize(
    "instant",
    ["0000:00:00 00:00:00", "1904-01-01T00:00:00Z", "soon", "2026:13:41 10:00:00", "\x00"],
)
def test_a_time_that_cant_be_true_is_not_kept(instant):
    picture = reopened(
        encode_picture(draw_screenshot(), "jpeg", exif=exif(DateTimeOriginal=instant))
    )

    assert of_picture(picture) == {}


def test_broken_metadata_is_no_reason_to_refuse_a_picture(inspected):
    jpeg = encode_picture(draw_screenshot(), "jpeg")
    block = b"Exif\0\0MM\0*" + b"\xff" * 200
    segment = b"\xff\xe1" + (len(block) + 2).to_bytes(2) + block

    report = inspected(jpeg[:2] + segment + jpeg[2:])

    assert report.ok
    assert report.said == {}


@pytest.mark.parametrize(
    "told",
    [
        {"location": "here"},
        {"device": ""},
        {"device": "x" * 81},
        {"device": "two\nlines"},
        {"device": 3},
        {"software": "51.4769, -0.0005"},
        {"captured_at": "yesterday"},
        {"captured_at": "9999-12-31T23:59:59"},
        {"captured_at": "0001-01-01T00:00:00+14:00"},
        ["device"],
        None,
    ],
)
def test_a_child_that_tells_other_things_is_not_believed(told):
    with pytest.raises(ValueError, match=r"not|iso"):
        facts_in(told)
