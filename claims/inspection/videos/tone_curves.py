"""The curves that bring HDR light and colours to an ordinary screen.

A phone's HDR recording stores brightness by BT.2100 (PQ or HLG), in more colours than BT.709 has.
Shown without conversion it looks grey and pale. This module computes a table, once for each video,
in which FFmpeg looks colours up.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Final

from av.video.reformatter import ColorPrimaries, ColorTrc

Colour = tuple[float, float, float]
"""Red, green and blue. In values of light, 1 is the white of an ordinary screen."""

Matrix = tuple[Colour, Colour, Colour]

STEPS: Final = 33
"""The entries along each side of the table; FFmpeg interpolates between them."""

WHITE: Final = 203.0
"""The white of a page in an HDR picture by BT.2408, in candelas a square metre."""

PQ_PEAK: Final = 4000.0
HLG_PEAK: Final = 1000.0
"""The brightest light that stays distinct from darker light, in candelas a square metre. BT.2100
names the peak for HLG."""

KNEE: Final = 0.6
"""Light up to here stays as it is; brighter light is compressed more and more. Text and its page,
which are at most `WHITE`, stay well apart."""

SCREEN: Final = 2.2
"""The exponent of an ordinary screen."""

# Matrices for light, from BT.2020 and from P3 to BT.709. The rows are red, green and blue.
TO_BT709: Final[Mapping[int, Matrix]] = {
    ColorPrimaries.BT2020: (
        (1.660491, -0.587641, -0.072850),
        (-0.124550, 1.132900, -0.008349),
        (-0.018151, -0.100579, 1.118730),
    ),
    ColorPrimaries.SMPTE432: (
        (1.224940, -0.224940, 0.0),
        (-0.042057, 1.042057, 0.0),
        (-0.019638, -0.078636, 1.098274),
    ),
}
PQ: Final = ColorTrc.SMPTE2084
HLG: Final = ColorTrc.ARIB_STD_B67
HDR: Final[Mapping[int, float]] = {PQ: PQ_PEAK, HLG: HLG_PEAK}


def needs_mapping(primaries: int, transfer: int) -> bool:
    return primaries in TO_BT709 or transfer in HDR


def cube(primaries: int, transfer: int) -> Iterator[str]:
    """Yield the lines of a table in the `.cube` format, for a video's stated colours."""
    matrix = TO_BT709.get(primaries, TO_BT709[ColorPrimaries.BT2020])
    axis = [_signal_to_light(step / (STEPS - 1), transfer) for step in range(STEPS)]
    adapt: Callable[[Colour], Colour] = _as_shown_by_hlg if transfer == HLG else _as_it_is
    squeeze = partial(_roll_off, peak=HDR[transfer] / WHITE) if transfer in HDR else _clip
    yield f"LUT_3D_SIZE {STEPS}\n"
    for blue, green, red in product(axis, repeat=3):
        light = _inside(_turn(matrix, adapt((red, green, blue))))
        yield "{:.5f} {:.5f} {:.5f}\n".format(*_shown(light, squeeze))


def _signal_to_light(signal: float, transfer: int) -> float:
    if transfer == PQ:
        return _pq(signal) / WHITE
    if transfer == HLG:
        return _hlg(signal)
    return float(signal**SCREEN)


def _pq(signal: float) -> float:
    """Return the light in candelas a square metre, by SMPTE ST 2084."""
    root = signal ** (1 / 78.84375)
    part = max(0.0, root - 0.8359375) / (18.8515625 - 18.6875 * root)
    return float(10_000 * part ** (1 / 0.1593017578125))


def _hlg(signal: float) -> float:
    """Return the light of the scene from 0 to 1, by BT.2100."""
    if signal <= 0.5:
        return signal * signal / 3
    return (math.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _as_shown_by_hlg(scene: Colour) -> Colour:
    """Convert the scene's light to that of a screen with a peak of `HLG_PEAK`."""
    luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]
    gain = HLG_PEAK / WHITE * luminance**0.2
    return scene[0] * gain, scene[1] * gain, scene[2] * gain


def _as_it_is(light: Colour) -> Colour:
    return light


def _turn(matrix: Matrix, light: Colour) -> Colour:
    red, green, blue = (sum(map(float.__mul__, row, light)) for row in matrix)
    return red, green, blue


def _inside(light: Colour) -> Colour:
    """Return a colour that BT.709 has: paler if need be, but of the same hue."""
    lowest = min(light)
    if lowest >= 0:
        return light
    grey = max(0.0, 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2])
    keep = grey / (grey - lowest)
    red, green, blue = (grey + (part - grey) * keep for part in light)
    return red, green, blue


def _shown(light: Colour, squeeze: Callable[[float], float]) -> Colour:
    """Return the screen's signal. The brightest part scales all three, which keeps the hue."""
    brightest = max(light)
    if brightest <= 0:
        return 0.0, 0.0, 0.0
    gain = squeeze(brightest) / brightest
    red, green, blue = (min(1.0, max(0.0, part * gain)) ** (1 / SCREEN) for part in light)
    return red, green, blue


def _clip(light: float) -> float:
    return min(1.0, light)


def _roll_off(light: float, peak: float) -> float:
    """Apply Reinhard's extended curve above the knee: its slope begins at 1 and it ends at 1."""
    if light <= KNEE:
        return light
    above, most = ((part - KNEE) / (1 - KNEE) for part in (min(light, peak), peak))
    return KNEE + (1 - KNEE) * above * (1 + above / most**2) / (1 + above)
