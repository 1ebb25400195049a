# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws number plates: front view, luma only.

A plate is drawn once, large and clean but for its own dirt; scene.py turns,
shrinks and degrades it, or platepicture.py as a reader sees it. Texts are
random signs in a layout of styles.py. Colours are luma, as a camera would see
them by day; with infrared light red, blue and green inks turn pale or dark,
which `infrared` imitates.
"""

import dataclasses
import math

import numpy
from PIL import Image, ImageDraw, ImageFilter

from . import glyphs
from .styles import random_style, random_text, random_word

HEIGHT = 72            # pixels of a one-line plate's height as it is drawn
MARKS = ' -+o:|'


@dataclasses.dataclass
class Plate:
    """A drawn plate with its surroundings (holder, shadow).

    image and alpha: uint8, the same shape; corners: 4 x 2, pixels of image,
    of the plate itself, clockwise from its upper left; text: its signs, with a
    space where a gap or mark parts groups, a / between lines.
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

    @property
    def lines(self):
        return self.text.count('/') + 1


def smooth_field(shape, cells, random):
    """Soft random field of mean 0, about -1..1."""
    down = numpy.array([[random.uniform(-1, 1) for _ in range(cells[1])]
                        for _ in range(cells[0])], numpy.float32)
    image = Image.fromarray(down)
    return numpy.asarray(image.resize((shape[1], shape[0]), Image.BICUBIC))


# Seals, arms and stickers: what stands between signs and is none

def _disc(draw, x, y, radius, shade, ground, random):
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)
    inner = radius * random.uniform(0.3, 0.8)
    draw.ellipse((x - inner, y - inner, x + inner, y + inner),
                 fill=int((shade + ground) / 2))


def _double_ring(draw, x, y, radius, shade, ground, random):
    thick = max(1, int(radius * random.uniform(0.06, 0.15)))
    for share in (1, random.uniform(0.6, 0.75)):
        r = radius * share
        draw.ellipse((x - r, y - r, x + r, y + r), outline=shade, width=thick)
    _scribble(draw, x, y, radius * 0.55, shade, random)


def _shield(draw, x, y, radius, shade, ground, random):
    points = [(x - radius * 0.8, y - radius), (x + radius * 0.8, y - radius),
              (x + radius * 0.8, y + radius * 0.3), (x, y + radius),
              (x - radius * 0.8, y + radius * 0.3)]
    other = int(shade + (ground - shade) * random.choice([0.5, 1, 1]))
    draw.polygon(points, fill=random.choice([shade, other, int(ground)]),
                 outline=shade)
    kind = random.random()
    if kind < 0.45:
        arm = max(2, int(radius * random.uniform(0.2, 0.4)))
        draw.line((x - radius * 0.8, y - radius * 0.2, x + radius * 0.8,
                   y - radius * 0.2), fill=other, width=arm)
        draw.line((x, y - radius, x, y + radius * 0.9), fill=other, width=arm)
    elif kind < 0.65:
        draw.rectangle((x, y - radius, x + radius * 0.8, y + radius * 0.3),
                       fill=other)
    else:
        _scribble(draw, x, y, radius * 0.6, other, random)


def _scribble(draw, x, y, radius, shade, random):
    points = [(x + radius * random.uniform(-1, 1),
               y + radius * random.uniform(-1, 1))
              for _ in range(random.randint(3, 7))]
    draw.line(points, fill=shade, width=max(1, int(radius * 0.25)))


def _ring(draw, x, y, radius, shade, ground, random):
    draw.ellipse((x - radius, y - radius, x + radius, y + radius),
                 outline=shade, width=max(1, int(radius * 0.15)))


def _sticker(draw, x, y, radius, shade, ground, random):
    """A rounded label with something on it: figures, or nothing one knows."""
    fill = int(random.choice([(shade + 2 * ground) / 3, shade,
                              random.uniform(40, 220)]))
    draw.rounded_rectangle(
        (x - radius * 0.6, y - radius, x + radius * 0.6, y + radius),
        radius=max(1, int(radius * 0.3)), fill=fill, outline=shade)
    pale = random.choice([255, int(ground), 20])
    if random.random() < 0.5:
        _scribble(draw, x, y, radius * 0.5, pale, random)
        return
    half = radius * random.uniform(0.25, 0.45)
    y += radius * random.uniform(-0.5, 0.5)
    for at in (x - radius * 0.28, x + radius * 0.28):
        _figure(draw, at, y, half, pale, random)


def _figure(draw, x, y, half, shade, random):
    """A small figure of seven segments, some of them."""
    wide = half * 0.4
    thick = max(1, int(half * 0.25))
    for ends in (((-1, -1), (1, -1)), ((-1, 0), (1, 0)), ((-1, 1), (1, 1)),
                 ((-1, -1), (-1, 0)), ((-1, 0), (-1, 1)), ((1, -1), (1, 0)),
                 ((1, 0), (1, 1))):
        if random.random() < 0.7:
            draw.line([(x + wide * across, y + half * down)
                       for across, down in ends], fill=shade, width=thick)


def _pair(draw, x, y, radius, shade, ground, random):
    """Two seals above each other, which look like an 8."""
    half = radius * random.uniform(0.34, 0.52)
    apart = random.uniform(max(half, radius * 0.45), radius * 0.66)
    upper = random.choice([_disc, _disc, _double_ring, _ring, _shield])
    lower = upper if random.random() < 0.6 else random.choice(
        [_disc, _double_ring, _ring])
    upper(draw, x, y - apart, half, shade, ground, random)
    lower(draw, x, y + apart, half * random.uniform(0.8, 1.1), int(
        shade + (ground - shade) * random.uniform(0, 0.4)), ground, random)


def _arms(draw, x, y, radius, shade, ground, random):
    """Arms as a mesh of strokes and patches, at times with a crown."""
    wide = radius * random.uniform(0.55, 0.95)
    for _ in range(random.randint(2, 5)):
        left, top = x - wide * random.random(), y - radius * random.random()
        draw.rectangle((left, top, left + wide * random.uniform(0.3, 1),
                        top + radius * random.uniform(0.3, 1)),
                       fill=int(shade + (ground - shade) * random.random()))
    for _ in range(random.randint(1, 4)):
        _scribble(draw, x + wide * random.uniform(-0.5, 0.5),
                  y + radius * random.uniform(-0.6, 0.6), wide * 0.6, shade,
                  random)
    if random.random() < 0.4:
        draw.arc((x - wide, y - radius, x + wide, y + radius), 0, 360, shade,
                 width=max(1, int(radius * 0.1)))


KINDS = {'': None, 'shield': _shield, 'pair': _pair, 'sticker': _sticker,
         'arms': _arms}
SEALS = (_disc, _disc, _double_ring, _double_ring, _shield, _shield, _shield,
         _ring, _sticker, _pair, _pair, _pair, _pair, _pair, _pair, _arms,
         _arms)


def _draw_seal(draw, centre, radius, ink, ground, random, kind=None):
    shade = int(ground + (ink - ground) * random.uniform(0.15, 0.95))
    (kind or random.choice(SEALS))(draw, *centre, radius, shade, ground,
                                   random)


class _Pen:
    """Draws one plate's signs, stretched to the plate's cells."""

    def __init__(self, canvas, shapes, ink, ground, random, seal=''):
        self.usual_seal = KINDS[seal]
        self.canvas = canvas
        self.draw = ImageDraw.Draw(canvas)
        self.shapes = shapes
        self.ink = ink
        self.ground = ground
        self.random = random
        # signs as wide as the cell, or as wide as the face has them
        self.even = random.random() < 0.55
        self.weight = random.choice([0, 0, 0, 0, 3, 3, -3])
        self.shade = random.random() < 0.12
        self.bold = {}
        # narrow signs take less room
        self.tight = not self.even or self.random.random() < 0.6
        self.close = self.random.uniform(0.15, 0.4)
        self.wide = self.random.choice([1, self.random.uniform(1, 1.4),
                                   self.random.uniform(1.1, 1.6)])

    def advance(self, sign):
        """A sign's room, in cells."""
        mask = self.shapes.mask(sign)
        if sign in 'WM':
            return self.wide
        if not self.tight or mask.width > 0.42 * mask.height:
            return 1
        return min(1, mask.width / (0.62 * mask.height) + self.close)

    def _mask(self, sign):
        if self.weight == 0:
            return self.shapes.mask(sign)
        if sign not in self.bold:
            grown = ImageFilter.MaxFilter(3) if self.weight > 0 \
                else ImageFilter.MinFilter(3)
            self.bold[sign] = self.shapes.mask(sign).filter(grown)
        return self.bold[sign]

    def sign(self, sign, x, y, width, height):
        """One sign in a cell whose left top is x, y."""
        mask = self._mask(sign)
        natural = width * mask.width / (0.62 * mask.height)
        if mask.width < 0.42 * mask.height or (
                not self.even and sign not in 'WM'):
            narrow = max(2, min(width, natural))
            x += (width - narrow) / 2
            width = narrow
        size = (max(1, round(width)), max(1, round(height)))
        mask = mask.resize(size, Image.BILINEAR)
        if self.shade:
            # pressed signs throw a shadow or catch the light
            self.canvas.paste(int((self.ground * 2 + self.ink) / 3),
                              (round(x) + 2, round(y) + 2), mask)
        self.canvas.paste(self.ink, (round(x), round(y)), mask)

    def hyphen(self, x, y, width, height):
        thick = max(2, height * self.random.uniform(0.08, 0.13))
        side = width * self.random.uniform(0.1, 0.3)
        self.draw.rectangle((x + side, y + height / 2 - thick / 2,
                             x + width - side, y + height / 2 + thick / 2),
                            fill=self.ink)

    def dot(self, x, y, width, height):
        radius = max(1, height * self.random.uniform(0.05, 0.09))
        middle = x + width / 2, y + height * self.random.choice([0.5, 0.5, 0.9])
        self.draw.ellipse((middle[0] - radius, middle[1] - radius,
                           middle[0] + radius, middle[1] + radius),
                          fill=self.ink)

    def seal(self, x, y, width, height):
        kind = self.usual_seal
        if kind is None or self.random.random() < 0.4:
            kind = self.random.choice(SEALS)
        room = width * (1 if kind is _pair else self.random.uniform(
            0.5, 0.75) if kind is _shield else self.random.uniform(0.44, 0.62))
        radius = min(room, height * self.random.uniform(
            0.36 if kind is _shield else 0.28, 0.56))
        _draw_seal(self.draw, (x + width / 2, y + height * self.random.uniform(
            0.42, 0.58)), radius, self.ink, self.ground, self.random, kind)

    def small_seal(self, x, y, width, height):
        """A small one high up, with or without a hyphen below."""
        radius = height * self.random.uniform(0.1, 0.18)
        _draw_seal(self.draw, (x + width / 2, y + height * self.random.uniform(
            0.12, 0.3)), radius, self.ink, self.ground, self.random)
        kind = self.random.random()
        if kind < 0.5:
            self.hyphen(x, y + height * 0.1, width, height)
        elif kind < 0.75:
            _draw_seal(self.draw, (x + width / 2, y + height * 0.75), radius,
                       self.ink, self.ground, self.random)

    def region_line(self, x, y, width, height):
        self.draw.line((x + width / 2, y - height * 0.2, x + width / 2,
                        y + height * 1.2), fill=self.ink, width=2)

    MARKS = {'-': hyphen, '+': dot, 'o': seal, ':': small_seal,
             '|': region_line, ' ': lambda *_: None}


def _draw_line(pen, text, left, top, width, height, random):
    """A line of signs in a rectangle; cells as wide as they need, not more."""
    advances = {' ': random.uniform(0.25, 0.6), '-': random.uniform(0.35, 0.6),
                '+': random.uniform(0.25, 0.5), 'o': random.uniform(0.6, 1.2),
                ':': random.uniform(0.35, 0.6), '|': 0.35}
    advances.update((sign, pen.advance(sign)) for sign in text
                    if sign not in MARKS)
    units = sum(advances[sign] for sign in text)
    widest = height * random.uniform(0.5, 0.76)
    cell = min(width / max(1, units), widest)
    gap = cell * random.uniform(0.06, 0.24)
    slack = width - cell * units
    x = left + slack * random.choice([0.5, 0.5, 0.5, random.random()])
    # here and there letters are smaller than digits
    small = random.uniform(0.55, 0.9) if random.random() < 0.07 else 1
    for sign in text:
        advance = cell * advances[sign]
        if sign in MARKS:
            pen.MARKS[sign](pen, x, top, advance, height)
        elif small < 1 and sign.isalpha():
            pen.sign(sign, x + gap / 2 + (advance - gap) * (1 - small) / 2,
                     top + height * (1 - small) * random.uniform(0.4, 0.6),
                     (advance - gap) * small, height * small)
        else:
            pen.sign(sign, x + gap / 2, top, advance - gap, height)
        x += advance


def _small_words(pen, fonts, left, right, y, height, random):
    words = random_word(random, random.randint(3, 10))
    if random.random() < 0.5:
        words += random.choice([' ', '  ', '.', ' - ']) + random_word(
            random, random.randint(2, 8))
    if random.random() < 0.3:
        words += ' %03d.%02d.%02d' % (random.randint(0, 999),
                                      random.randint(0, 99),
                                      random.randint(0, 99))
    font = fonts.small(random, max(6, int(height)))
    width = pen.draw.textlength(words, font)
    pen.draw.text(((left + right - width) / 2, y), words, pen.ink, font=font)


def _draw_band(draw, left, right, top, height, random, dark, letter, font):
    """A band from left to right, from top down to height."""
    # blue, and as pale as blue becomes without an infrared filter
    blue = random.choice([random.uniform(20, 120), random.uniform(20, 120),
                          random.uniform(100, 220)])
    shade = int(blue) if dark else random.randint(190, 250)
    draw.rectangle((left, top, right, height), fill=shade)
    light = min(255, shade + random.randint(20, 160)) if dark \
        else random.randint(0, 120)
    centre = ((left + right) / 2, height * random.uniform(0.25, 0.36))
    radius = (right - left) * random.uniform(0.24, 0.36)
    kind = random.random()
    if kind < 0.6:
        for step in range(12):
            angle = step * math.pi / 6
            x, y = (centre[0] + radius * math.sin(angle),
                    centre[1] + radius * math.cos(angle))
            draw.ellipse((x - 1, y - 1, x + 1, y + 1), fill=light)
    elif kind < 0.8:
        draw.ellipse((centre[0] - radius, centre[1] - radius,
                      centre[0] + radius, centre[1] + radius),
                     outline=light, width=1)
    elif kind < 0.95:
        third = radius * random.uniform(0.4, 0.8)
        for step in (-1, 0, 1):
            draw.rectangle((left + 2, centre[1] + (step - 0.5) * third,
                            right - 2, centre[1] + (step + 0.5) * third),
                           fill=random.randint(20, 250))
    width = draw.textlength(letter, font)
    draw.text(((left + right - width) / 2, height * random.uniform(
        0.52, 0.66)), letter, light, font=font)


def _colours(style, random, infrared):
    ground = random.uniform(*style.ground)
    ink = random.uniform(*style.ink)
    if infrared:
        ground = random.uniform(190, 255)
        ink = random.uniform(0, 110)
    elif random.random() < 0.06:
        # a faded or coloured plate
        ink = random.uniform(40, ground - 60)
    if random.random() < style.inverted:
        ground, ink = ink + random.uniform(0, 40), ground
    return int(ground), int(min(255, ink))


def _holder(size, random):
    """Margins around the plate: left, top, right, bottom, in pixels."""
    height = size[1]
    if random.random() < 0.4:
        return (0, 0, 0, 0), None
    edge = random.uniform(0.01, 0.08) * height
    bottom = edge
    words = random.random() < 0.5
    if words:
        bottom += random.uniform(0.1, 0.22) * height
    top = edge if random.random() < 0.9 else edge * 3
    return tuple(int(round(v)) for v in (edge, top, edge, bottom)), words


def _spoken(text):
    """The plate's text of what is drawn: marks become a space."""
    for mark in MARKS[1:]:
        text = text.replace(mark, ' ')
    return '/'.join(' '.join(line.split()) for line in text.split('/'))


def draw_plate(fonts, random, infrared=False):
    """A random plate.

    fonts: Fonts of fonts.py; random: random.Random. Returns Plate. 2 ms.
    """
    style = random_style(random)
    square = bool(style.square) and random.random() < style.square_share
    millimetres = style.two_line if square else style.size
    text = random_text(style, random.choice(
        style.square if square else style.layouts), random)
    if len(text) <= 5 and not square and random.random() < 0.3:
        millimetres = (340, 110)
    ground, ink = _colours(style, random, infrared)
    scale = HEIGHT / 110 * (1 if not square else 0.8)
    stretch = random.uniform(0.92, 1.08)
    size = (int(millimetres[0] * scale * stretch),
            int(millimetres[1] * scale))
    margins, words = _holder(size, random)
    holder = int(random.choice([random.uniform(0, 60), random.uniform(0, 60),
                                random.uniform(90, 230)]))
    canvas = Image.new('L', (size[0] + margins[0] + margins[2],
                             size[1] + margins[1] + margins[3]), holder)
    face = _draw_face(style, text, size, ground, ink, fonts, random, square)
    radius = random.uniform(0, 0.14) * size[1]
    canvas.paste(face, margins[:2], _rounded(face.size, radius))
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
    return Plate(image, numpy.asarray(alpha), corners, _spoken(text),
                 style.code)


def draw_plain(fonts, random, size):
    """A plate's text alone on white, nothing around it: where a reader that
    has learned nothing can begin. Returns a PIL picture and the text."""
    style = random_style(random)
    text = '/'
    while '/' in text:
        text = random_text(style, random.choice(
            style.layouts or ['LLL DDD']), random)
    text = _spoken(text)
    canvas = Image.new('L', size, random.randint(200, 255))
    shapes = glyphs.PlateGlyphs(*fonts.plate(random, glyphs.HEIGHT), random, 0,
                                0)
    pen = _Pen(canvas, shapes, random.randint(0, 50), 255, random)
    _draw_line(pen, text, 3, size[1] * random.uniform(0.1, 0.2), size[0] - 6,
               size[1] * random.uniform(0.66, 0.74), random)
    return canvas, text


def _draw_face(style, text, size, ground, ink, fonts, random, square):
    width, height = size
    face = Image.new('L', size, ground)
    draw = ImageDraw.Draw(face)
    left, right, drop = _draw_bands(style, draw, size, fonts, random, square)
    font, dotted = fonts.plate(random, glyphs.HEIGHT)
    shapes = glyphs.PlateGlyphs(font, dotted, random, style.alike, style.slit)
    pen = _Pen(face, shapes, ink, ground, random, style.seal)
    top = height * (random.uniform(0.06, 0.15) if square
                    else random.uniform(0.1, 0.2))
    bottom = height - top
    if random.random() < style.header:
        top = height * random.uniform(0.24, 0.32)
        _small_words(pen, fonts, left, right, height * 0.05, height * 0.17,
                     random)
    if random.random() < style.footer:
        bottom = height * random.uniform(0.74, 0.82)
        _small_words(pen, fonts, left, right, bottom + height * 0.03,
                     height * 0.12, random)
    if random.random() < style.side:
        left, right = _draw_end(pen, left, right, height, fonts, random)
    side = (right - left) * random.choice([random.uniform(0.002, 0.02),
                                           random.uniform(0.01, 0.05)])
    lines = text.split('/')
    upper = random.uniform(0.42, 0.54) if len(lines) > 1 else 1
    at = top
    for number, line in enumerate(lines):
        pitch = (bottom - top) * (upper if number == 0 else 1 - upper)
        start = left if number == 0 or not drop else 0
        _draw_line(pen, line, start + side, at, right - start - 2 * side,
                   pitch * (random.uniform(0.84, 0.94) if len(lines) > 1
                            else 1), random)
        at += pitch
    if random.random() < 0.55:
        thick = max(1, int(height * random.uniform(0.01, 0.05)))
        edge = random.randint(0, 3)
        draw.rounded_rectangle((edge, edge, width - 1 - edge,
                                height - 1 - edge),
                               radius=int(height * random.uniform(0.02, 0.12)),
                               outline=ink, width=thick)
    _draw_screws(draw, size, ground, ink, random)
    return face


def _draw_bands(style, draw, size, fonts, random, square):
    """Returns the free room's left and right, and whether a second line
    begins below the band."""
    width, height = size
    left, right, drop = 0, width, False
    top = height * random.uniform(0.06, 0.16) if random.random() < 0.1 else 0
    if style.band == 'none' or random.random() > style.band_share:
        return left, right, drop
    band = width * (random.uniform(0.1, 0.17) if square
                    else random.uniform(0.065, 0.1))
    font = fonts.small(random, max(8, int(height * random.uniform(
        0.14, 0.2) if square else height * random.uniform(0.18, 0.28))))
    letter = style.code or random_word(random, random.choice([1, 1, 2]))
    dark = random.random() < 0.8
    drop = square and random.random() < 0.5
    # at the edge, or standing free
    _draw_band(draw, top, band + top, top, height * (0.5 if drop else 1) - top,
               random, dark, letter, font)
    left = band + 1.5 * top
    if style.band == 'both' and random.random() < 0.85:
        _draw_band(draw, width - band, width, 0, height * (
            0.5 if drop else 1), random, dark,
                   '%02d' % random.randint(1, 99), font)
        right = width - band
    return left, right, drop


def _draw_end(pen, left, right, height, fonts, random):
    """Small signs at an end that are not of the number: a year, a region, a
    country's oval, a letter in a box. Returns the room left."""
    wide = height * random.choice([random.uniform(0.25, 0.5),
                                   random.uniform(0.3, 0.8)])
    # a letter before the number is the number's: only seals and years are left
    at_right = random.random() < 0.85
    x = right - wide if at_right else left
    font = fonts.small(random, max(7, int(wide * random.uniform(0.4, 0.8))))
    kind = random.random() if at_right else random.choice([0.2, 0.9, 0.95])
    if 0.35 <= kind < 0.85 and random.random() < 0.5:
        font = fonts.small(random, max(7, int(height * random.uniform(
            0.3, 0.6))))
    if kind < 0.35:
        for y in (0.12, 0.52):
            pen.draw.text((x + wide * 0.2, height * y), '%02d' %
                          random.randint(0, 99), pen.ink, font=font)
    elif kind < 0.65:
        box = (x + 2, height * random.uniform(0.05, 0.3), x + wide - 2,
               height * random.uniform(0.7, 0.95))
        shape = random.choice([pen.draw.ellipse, pen.draw.rectangle])
        shape(box, outline=pen.ink, width=2)
        pen.draw.text((x + wide * random.uniform(0.1, 0.3),
                       (box[1] + box[3]) / 2 - font.size * 0.6),
                      random.choice('BDFEAIHL'), pen.ink, font=font)
    elif kind < 0.85:
        pen.draw.rectangle((x, 0, x + wide, height),
                           fill=random.randint(20, 250))
        pen.draw.text((x + wide * 0.2, height * 0.3), random.choice(
            'BDFEAIHL'), random.choice([pen.ink, 255]), font=font)
    else:
        pen.seal(x, height * 0.15, wide, height * 0.7)
    return (left, right - wide) if at_right else (left + wide, right)


def _draw_screws(draw, size, ground, ink, random):
    if random.random() > 0.35:
        return
    shade = random.randint(20, 235)
    radius = size[1] * random.uniform(0.02, 0.06)
    y = size[1] * random.uniform(0.08, 0.92)
    for share in (random.uniform(0.03, 0.35), random.uniform(0.65, 0.97)):
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
    if random.random() < 0.12:
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
