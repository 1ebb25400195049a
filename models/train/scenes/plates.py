# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws number plates: front view, luma only.

A plate is drawn once, large and clean but for its own dirt; scene.py turns,
shrinks and degrades it. Texts are random signs in the layout of a country or
of none: no list of real plates is used. Layouts are written with

    L letter   D digit   A either   space gap   - hyphen   o seal or arms
    / next line   : seal above a hyphen's place   anything else as it is

Colours are luma, as a camera would see them by day; with infrared light red,
blue and green inks turn pale or dark, which `infrared` imitates.
"""

import dataclasses
import math

import numpy
from PIL import Image, ImageDraw

HEIGHT = 72            # pixels of a one-line plate's height as it is drawn
LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ' * 3 + 'IOQ'
DIGITS = '0123456789'


@dataclasses.dataclass
class Style:
    """How a country's plates look. Sizes in millimetres, luma 0..255."""
    name: str
    layouts: list
    weight: float = 1
    size: tuple = (520, 110)
    two_line: tuple = None            # size of the square plate
    square_layouts: list = None
    ground: tuple = (200, 255)
    ink: tuple = (0, 50)
    band: str = 'left'                # left, right, both, none
    band_share: float = 0.9           # how many have one
    inverted: float = 0.02            # how many are light on dark
    header: float = 0                 # how many carry small words above
    footer: float = 0                 # and below


STYLES = [
    Style('BE', ['1-LLL-DDD', 'D-LLL-DDD', 'LLL-DDD', 'L-LLL-DDD', 'DDD-LLL'],
          2.5, two_line=(210, 140), ink=(60, 110),
          square_layouts=['D-LLL/DDD', 'L-LLL/DDD']),
    Style('NL', ['LL-DDD-L', 'L-DDD-LL', 'DD-LL-DD', 'DD-LLL-D', 'D-LLL-DD',
                 'LL-LL-DD', 'LL-DD-LL', 'DD-LL-LL'], 2.5,
          two_line=(210, 180), square_layouts=['LL-DD/LL', 'DD-LL/DD'],
          ground=(140, 225)),
    Style('DE', ['LoLLDDD', 'LLoLDDDD', 'LLLoLLDDD', 'LoLDDDD', 'LLoLLDD',
                 'LLoLLDDDE', 'LLLoLDDD', 'LoLLDDDD'], 2.5,
          two_line=(280, 200), square_layouts=['LLo/LLDDD', 'L o/LDDDD']),
    Style('FR', ['LL-DDD-LL', 'LL-DDD-LL', 'DDDLLLDD'], 2,
          two_line=(300, 200), square_layouts=['LL-DDD/LL', 'LL/DDD-LL'],
          band='both'),
    Style('LU', ['LL DDDD', 'LLDDDD', 'DDDDD'], 0.6, ground=(150, 225)),
    Style('UK', ['LLDD LLL', 'LDDD LLL', 'LLL DDDL'], 1.2, size=(520, 111),
          two_line=(285, 203), square_layouts=['LLDD/LLL'],
          ground=(150, 255), band_share=0.5),
    Style('PL', ['LL DDDDD', 'LLL DDDD', 'LL DDDDL', 'LLL LDDD', 'LD AAAAA',
                 'LLLoDDDD', 'LLoDDDDD'],
          1.5, two_line=(305, 214), square_layouts=['LLo/DDDDD', 'LLL/DDDD']),
    Style('RO', ['LL DD LLL', 'L DD LLL', 'L DDD LLL'], 2,
          two_line=(280, 200), square_layouts=['LL DD/LLL']),
    Style('CZ', ['DLD DDDD', 'DLL DDDD', 'DLDoDDDD'], 1.5,
          two_line=(280, 200), square_layouts=['DLD/DDDD']),
    Style('SK', ['LLoDDDLL', 'LL DDDLL'], 1.2, two_line=(280, 200),
          square_layouts=['LLo/DDDLL']),
    Style('BG', ['LL DDDD LL', 'L DDDD LL'], 0.8),
    Style('UA', ['LL DDDD LL', 'LLDDDDLL'], 0.8, size=(520, 112)),
    Style('LT', ['LLLoDDD', 'LLL DDD'], 0.8),
    Style('ES', ['DDDD LLL', 'L DDDD LL'], 0.8),
    Style('IT', ['LL DDDLL', 'LL DDDLL'], 0.8, band='both',
          two_line=(297, 214), square_layouts=['LL/DDDLL']),
    Style('HU', ['LLL-DDD', 'LL LL-DDD'], 0.6),
    Style('TR', ['DD LLL DD', 'DD LL DDD', 'DD L DDDD'], 0.6),
    Style('LV', ['LL-DDDD'], 0.4), Style('EE', ['DDD LLL'], 0.4),
    Style('PT', ['DD-LL-DD', 'LL DD LL', 'LL-DD-DD'], 0.6),
    Style('AT', ['LoDDDLL', 'LLoDDDL', 'LLoLDDD'], 0.7, size=(520, 120)),
    Style('DK', ['LL DD DDD'], 0.5, size=(504, 120)),
    Style('SE', ['LLL DDD', 'LLL DDL'], 0.5),
    Style('HR', ['LLoDDD-LL', 'LLoDDDD-L'], 0.4),
    Style('RS', ['LLoDDD-LL'], 0.4), Style('SI', ['LLoDDD-LL'], 0.4),
    Style('MD', ['LLL DDD'], 0.3),
    Style('CH', ['LLoDDDDDD', 'LLoDDDDD'], 0.5, size=(500, 110), band='none',
          two_line=(300, 160), square_layouts=['LLo/DDDDDD']),
    Style('RU', ['LDDDLL|DD', 'LDDDLL|DDD'], 0.7, size=(520, 112),
          band='none'),
    # shapes of elsewhere: 2:1 with small words, and a line above the number
    Style('america', ['AAAAAAA', 'LLL DDDD', 'DLLLDDD', 'LLLDDDD', 'DDD LLL',
                      'AAA AAA', 'LLLoDDD', 'AAAA'], 3.5, size=(305, 152),
          ground=(130, 255), ink=(0, 110), band='none', inverted=0.1,
          header=0.85, footer=0.6),
    Style('brazil', ['LLL-DDDD', 'LLL DDDD', 'LLLDLDD'], 0.8,
          size=(400, 130), ground=(130, 230), ink=(0, 60), band='none',
          header=0.8),
    Style('plain', ['AAAAAA', 'AA AAAA', 'LLLLLL', 'DDDDDD', 'AAA-AAA',
                    'LLLLDD', 'AAAA', 'AAAAAAAA', 'LLL', 'LDLD'], 2.5,
          ground=(120, 255), ink=(0, 90), band_share=0.4, inverted=0.2,
          two_line=(290, 190),
          square_layouts=['AAA/AAA', 'LLL/DDDD', 'DD/AAAA']),
    Style('motorcycle', ['LL/DDDL'], 0.7, size=(210, 160),
          two_line=(210, 160),
          square_layouts=['LL D/LDDD', 'LLL/DDD', 'LLo/LDD', 'AA/AAAA']),
]
WEIGHTS = numpy.cumsum([style.weight for style in STYLES])


@dataclasses.dataclass
class Plate:
    """A drawn plate with its surroundings (holder, shadow).

    image and alpha: uint8, the same shape; corners: 4 x 2, pixels of image,
    of the plate itself, clockwise from its upper left; text: lines of signs.
    """
    image: numpy.ndarray
    alpha: numpy.ndarray
    corners: numpy.ndarray
    text: str
    style: str

    @property
    def aspect(self):
        side = self.corners[1] - self.corners[0]
        down = self.corners[3] - self.corners[0]
        return math.hypot(*side) / math.hypot(*down)


def _signs(layout, random):
    out = []
    for sign in layout:
        if sign == 'A':
            sign = 'L' if random.random() < 0.55 else 'D'
        if sign == 'L':
            out.append(random.choice(LETTERS))
        elif sign == 'D':
            out.append(random.choice(DIGITS))
        else:
            out.append(sign)
    return ''.join(out)


def smooth_field(shape, cells, random):
    """Soft random field of mean 0, about -1..1."""
    down = numpy.array([[random.uniform(-1, 1) for _ in range(cells[1])]
                        for _ in range(cells[0])], numpy.float32)
    image = Image.fromarray(down)
    return numpy.asarray(image.resize((shape[1], shape[0]), Image.BICUBIC))


def _draw_seal(draw, centre, radius, ink, ground, random):
    x, y = centre
    shade = int(ground + (ink - ground) * random.uniform(0.2, 0.9))
    box = (x - radius, y - radius, x + radius, y + radius)
    kind = random.random()
    if kind < 0.6:
        draw.ellipse(box, fill=shade)
        inner = radius * random.uniform(0.3, 0.8)
        draw.ellipse((x - inner, y - inner, x + inner, y + inner),
                     fill=int((shade + ground) / 2))
    elif kind < 0.85:
        points = [(x - radius, y - radius), (x + radius, y - radius),
                  (x + radius, y + radius * 0.3), (x, y + radius),
                  (x - radius, y + radius * 0.3)]
        draw.polygon(points, fill=shade)
        draw.line((x - radius, y, x + radius, y), fill=int(ground), width=2)
    else:
        draw.ellipse(box, outline=shade, width=2)


class _Pen:
    """Draws one plate's signs, all stretched to one cell size."""

    def __init__(self, canvas, font, ink, ground, random):
        self.canvas = canvas
        self.draw = ImageDraw.Draw(canvas)
        self.font = font
        self.ink = ink
        self.ground = ground
        self.random = random

    def sign(self, sign, x, y, width, height):
        """One sign in a cell whose left top is x, y."""
        left, top, right, bottom = self.font.getbbox(sign)
        if right <= left or bottom <= top:
            return
        mask = Image.new('L', (right - left, bottom - top))
        ImageDraw.Draw(mask).text((-left, -top), sign, 255, font=self.font)
        if sign in 'I1':
            narrow = max(2, min(width, width * (right - left)
                                / max(1, 0.6 * (bottom - top))))
            x += (width - narrow) / 2
            width = narrow
        size = (max(1, round(width)), max(1, round(height)))
        mask = mask.resize(size, Image.BILINEAR)
        self.canvas.paste(self.ink, (round(x), round(y)), mask)

    def hyphen(self, x, y, width, height):
        thick = max(2, height * 0.1)
        self.draw.rectangle((x + width * 0.2, y + height / 2 - thick / 2,
                             x + width * 0.8, y + height / 2 + thick / 2),
                            fill=self.ink)


ADVANCE = {' ': 0.45, '-': 0.5, 'o': 0.75, '|': 0.35}


def _draw_line(pen, text, left, top, width, height, random):
    """A line of signs in a rectangle; cells as wide as they need, not more."""
    units = sum(ADVANCE.get(sign, 1) for sign in text)
    widest = height * random.uniform(0.52, 0.72)
    cell = min(width / units, widest)
    gap = cell * random.uniform(0.08, 0.22)
    x = left + (width - cell * units) / 2
    for sign in text:
        advance = cell * ADVANCE.get(sign, 1)
        if sign == '-':
            pen.hyphen(x, top, advance, height)
        elif sign == 'o':
            _draw_seal(pen.draw, (x + advance / 2, top + height / 2),
                       min(advance * 0.42, height * 0.4), pen.ink,
                       pen.ground, random)
        elif sign == '|':
            pen.draw.line((x + advance / 2, top - height * 0.2,
                           x + advance / 2, top + height * 1.2),
                          fill=pen.ink, width=2)
        elif sign != ' ':
            pen.sign(sign, x + gap / 2, top, advance - gap, height)
        x += advance


def _small_words(pen, fonts, left, right, y, height, random):
    words = random_word(random, random.randint(3, 10))
    if random.random() < 0.4:
        words += ' ' + random_word(random, random.randint(2, 8))
    font = fonts.small(random, max(6, int(height)))
    width = pen.draw.textlength(words, font)
    pen.draw.text(((left + right - width) / 2, y), words, pen.ink, font=font)


def random_word(random, length):
    """Capitals that look like a word, vowel after consonant."""
    vowels, others = 'AEIOU', 'BCDFGHJKLMNPRSTVWXZ'
    word = ''
    for index in range(length):
        word += random.choice(vowels if (index + length) % 2 else others)
    return word


def _draw_band(draw, left, right, height, random, dark, letter, font):
    shade = int(random.uniform(20, 110)) if dark else 200
    draw.rectangle((left, 0, right, height), fill=shade)
    light = min(255, shade + random.randint(60, 160))
    centre = ((left + right) / 2, height * 0.3)
    radius = (right - left) * 0.28
    if random.random() < 0.7:
        draw.ellipse((centre[0] - radius, centre[1] - radius,
                      centre[0] + radius, centre[1] + radius),
                     outline=light, width=1)
    width = draw.textlength(letter, font)
    draw.text(((left + right - width) / 2, height * 0.55), letter, light,
              font=font)


def _colours(style, random, infrared):
    ground = random.uniform(*style.ground)
    ink = random.uniform(*style.ink)
    if infrared:
        ground = random.uniform(190, 255)
        ink = random.uniform(0, 90)
    if random.random() < style.inverted:
        ground, ink = ink + random.uniform(0, 40), ground
    return int(ground), int(min(255, ink))


def _holder(size, random):
    """Margins around the plate: left, top, right, bottom, in pixels."""
    height = size[1]
    if random.random() < 0.45:
        return (0, 0, 0, 0), None
    edge = random.uniform(0.01, 0.07) * height
    bottom = edge
    words = random.random() < 0.4
    if words:
        bottom += random.uniform(0.1, 0.22) * height
    top = edge if random.random() < 0.9 else edge * 3
    return tuple(int(round(v)) for v in (edge, top, edge, bottom)), words


def draw_plate(fonts, random, infrared=False):
    """A random plate.

    fonts: Fonts of fonts.py; random: random.Random. Returns Plate. 4 ms.
    """
    at = random.random() * WEIGHTS[-1]
    style = STYLES[int(numpy.searchsorted(WEIGHTS, at))]
    square = style.two_line is not None and random.random() < (
        1 if style.name == 'motorcycle' else 0.15)
    millimetres = style.two_line if square else style.size
    layout = random.choice(style.square_layouts if square else style.layouts)
    text = _signs(layout, random)
    ground, ink = _colours(style, random, infrared)
    scale = HEIGHT / 110 * (1 if not square else 0.8)
    stretch = random.uniform(0.94, 1.06)
    size = (int(millimetres[0] * scale * stretch),
            int(millimetres[1] * scale))
    margins, words = _holder(size, random)
    holder = int(random.choice([random.uniform(0, 60), random.uniform(0, 60),
                                random.uniform(90, 230)]))
    canvas = Image.new('L', (size[0] + margins[0] + margins[2],
                             size[1] + margins[1] + margins[3]), holder)
    face = _draw_face(style, text, size, ground, ink, fonts, random, square)
    canvas.paste(face, margins[:2])
    if words:
        pen = _Pen(canvas, None, 255 - holder if holder < 128 else 30,
                   holder, random)
        _small_words(pen, fonts, 0, canvas.width, margins[1] + size[1],
                     margins[3] * 0.8, random)
    alpha = _rounded(canvas.size, random.uniform(0, 0.12) * size[1])
    left, top = margins[:2]
    corners = numpy.array([[left, top], [left + size[0], top],
                           [left + size[0], top + size[1]],
                           [left, top + size[1]]], numpy.float32)
    image = _weather(numpy.asarray(canvas, numpy.float32), random)
    return Plate(image, numpy.asarray(alpha), corners,
                 ''.join(c for c in text if c.isalnum() or c == '/'),
                 style.name)


def _draw_face(style, text, size, ground, ink, fonts, random, square):
    width, height = size
    face = Image.new('L', size, ground)
    draw = ImageDraw.Draw(face)
    left, right = _draw_bands(style, draw, size, fonts, random, square)
    if random.random() < 0.5:
        thick = max(1, int(height * random.uniform(0.01, 0.035)))
        draw.rounded_rectangle((1, 1, width - 2, height - 2),
                               radius=int(height * 0.08), outline=ink,
                               width=thick)
    pen = _Pen(face, fonts.plate(random, HEIGHT), ink, ground, random)
    top = height * random.uniform(0.12, 0.2)
    bottom = height - top
    if random.random() < style.header:
        top = height * random.uniform(0.24, 0.32)
        _small_words(pen, fonts, left, right, height * 0.05, height * 0.17,
                     random)
    if random.random() < style.footer:
        bottom = height * random.uniform(0.74, 0.82)
        _small_words(pen, fonts, left, right, bottom + height * 0.03,
                     height * 0.12, random)
    side = (right - left) * random.uniform(0.015, 0.05)
    lines = text.split('/')
    pitch = (bottom - top) / len(lines)
    for number, line in enumerate(lines):
        _draw_line(pen, line, left + side, top + number * pitch,
                   right - left - 2 * side,
                   pitch * (0.9 if len(lines) > 1 else 1), random)
    _draw_screws(draw, size, ground, ink, random)
    return face


def _draw_bands(style, draw, size, fonts, random, square):
    """Returns the free room's left and right."""
    width, height = size
    left, right = 0, width
    if style.band == 'none' or random.random() > style.band_share:
        return left, right
    band = width * (0.14 if square else random.uniform(0.07, 0.1))
    font = fonts.small(random, max(8, int(height * 0.24)))
    letter = random_word(random, random.choice([1, 1, 2]))
    dark = random.random() < 0.95
    _draw_band(draw, 0, band, height * (0.5 if square and
               random.random() < 0.5 else 1), random, dark, letter, font)
    left = band
    if style.band == 'both' and random.random() < 0.9:
        _draw_band(draw, width - band, width, height, random, dark, '', font)
        right = width - band
    return left, right


def _draw_screws(draw, size, ground, ink, random):
    if random.random() > 0.3:
        return
    shade = random.randint(20, 235)
    radius = size[1] * random.uniform(0.02, 0.045)
    y = size[1] * random.uniform(0.08, 0.92)
    for share in (random.uniform(0.03, 0.3), random.uniform(0.7, 0.97)):
        x = size[0] * share
        draw.ellipse((x - radius, y - radius, x + radius, y + radius),
                     fill=shade)


def _rounded(size, radius):
    alpha = Image.new('L', size)
    ImageDraw.Draw(alpha).rounded_rectangle(
        (0, 0, size[0] - 1, size[1] - 1), radius=radius, fill=255)
    return alpha


def _weather(image, random):
    """Dirt, rust, wear, shadow and a bend of the light over the plate."""
    shape = image.shape
    if random.random() < 0.5:
        field = smooth_field(shape, (3, 6), random)
        image = image * (1 + random.uniform(0.03, 0.25) * field)
    if random.random() < 0.25:
        spots = numpy.clip(smooth_field(shape, (9, 24), random)
                           - random.uniform(0.1, 0.6), 0, 1)
        image = image + (random.uniform(20, 110) - image) * spots * \
            random.uniform(0.4, 1)
    if random.random() < 0.25:
        edge = numpy.linspace(0, 1, shape[0])[:, None] * \
            random.uniform(-0.6, 0.6)
        edge = edge + numpy.linspace(0, 1, shape[1])[None, :] + \
            random.uniform(-1, 0.5)
        dark = 1 / (1 + numpy.exp(-edge * random.uniform(5, 60)))
        image = image * (1 - random.uniform(0.2, 0.65) * dark)
    if random.random() < 0.1:
        image = image + random.uniform(-40, 120) * numpy.exp(
            -((numpy.linspace(0, 1, shape[1]) - random.random()) / 0.2) ** 2)
    return numpy.clip(image, 0, 255).astype(numpy.uint8)
