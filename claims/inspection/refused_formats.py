"""Formats that aren't accepted, by name, so that the sender hears what to send instead.

The guess only chooses the sentence; it never decides whether a file is accepted.
"""

import re
from typing import Final

from claims.inspection.report import FileProblem

# The first bytes of files, by problem. The first match wins.
BEGINNINGS: Final = (
    (FileProblem.GIF, re.compile(rb"GIF8[79]a")),
    (FileProblem.NEW_PICTURE, re.compile(rb"(?s).{4}ftypavi[fs]|\xff\x0a|\0\0\0\x0cJXL ")),
    (FileProblem.RAW_PHOTO, re.compile(rb"(?s)II[*+UR]|MM\0[*+]|FUJIFILMCCD|.{4}ftypcrx ")),
    (FileProblem.OTHER_PICTURE, re.compile(rb"(?s)BM.{4}\0{4}|8BPS|\0\0\x01\0|\0\0\0\x0cjP |qoif")),
    (FileProblem.DOCUMENT, re.compile(rb"%PDF|PK[\3\5]|\xd0\xcf\x11\xe0|\{\\rtf|7z\xbc\xaf|Rar!")),
    (
        FileProblem.WEB_PAGE,
        re.compile(rb"(?i)(\xef\xbb\xbf)?\s*<(!doctype|\?xml|html|svg|head|body)"),
    ),
    (FileProblem.SOUND, re.compile(rb"(?s)ID3|fLaC|RIFF.{4}WAVE|OggS|\xff[\xe2-\xfb]|.{4}ftypM4A")),
    (
        FileProblem.OTHER_VIDEO,
        re.compile(
            rb"(?s)RIFF.{4}AVI |\x30\x26\xb2\x75|FLV\x01|\0\0\x01\xba|\0\0\x01\xb3|G.{187}G"
        ),
    ),
)


def why_not(head: bytes) -> FileProblem:
    """Return the problem of a file whose first bytes `sniff` doesn't know."""
    if not head:
        return FileProblem.EMPTY
    found = (problem for problem, beginning in BEGINNINGS if beginning.match(head))
    return next(found, FileProblem.NOT_RECOGNISED)
