from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from claims.models.upload import Upload

BITS: Final = 256
BANDS: Final = 14
"""Two fingerprints that differ in fewer than 2 × BANDS bits have a band in which they differ in one
bit at most, so a look-up of every band and its neighbours finds them all. More bands would find
fingerprints that differ more; fewer and wider bands find fewer false matches."""


class Fingerprint(models.Model):
    """The look of a picture, or of one frame of a video, in 256 bits."""

    # The constraint on upload and position has an index that begins with it.
    upload = models.ForeignKey(
        Upload, on_delete=models.CASCADE, related_name="fingerprints", db_index=False
    )
    position = models.PositiveSmallIntegerField(help_text=_("Counts the frames of a video."))
    bits = models.CharField(max_length=64, help_text=_("In hexadecimal digits."))
    bands = ArrayField(
        models.IntegerField(), help_text=_("The bits, cut into numbers that an index can find.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upload", "position"], name="one_fingerprint_per_frame"
            ),
        ]
        indexes = [
            # Serves `duplicates_of`, which looks for similar pictures band by band.
            GinIndex(fields=["bands"], name="fingerprints_by_band", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"frame {self.position} of {self.upload}"

    @classmethod
    def of(cls, upload: Upload, *, position: int, bits: str) -> Fingerprint:
        return cls(
            upload=upload,
            position=position,
            bits=bits,
            bands=[band for band, _ in bands_of(bits)],
        )


def bands_of(bits: str) -> Iterator[tuple[int, int]]:
    """Yield the bits as `BANDS` numbers, each with its count of bits.

    A number begins with its place, so that it differs from every number of another place.
    """
    whole, left = int(bits, 16), BITS
    for place in range(BANDS):
        width = BITS // BANDS + (place < BITS % BANDS)
        left -= width
        yield place << 20 | (whole >> left & (1 << width) - 1), width


def neighbours_of(bits: str) -> Iterator[int]:
    """Yield the bands of all fingerprints that differ in at most one bit of some band."""
    for band, width in bands_of(bits):
        yield band
        yield from (band ^ 1 << at for at in range(width))
