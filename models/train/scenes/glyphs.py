# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shapes of signs, as masks that are stretched to a plate's cells.

No national plate face is used. A free face gives most of the signs; where real
plates differ from all of them a sign is drawn: W narrow, with a low middle
peak; M likewise; I as a bar or with serifs; Q with a short tail; a zero with a
gap; zero and O, one and I of one shape. So no one face is learned.
"""

import functools

from PIL import Image, ImageDraw

HEIGHT = 72                   # pixels of a mask
UMLAUT_U = 'Ü'


def _thick(points, width, size):
    """A broken line of strokes, cut off flat at the mask's upper and lower
    edge."""
    scale = 2
    mask = Image.new('L', (size[0] * scale, size[1] * scale))
    ImageDraw.Draw(mask).line(
        [(x * scale, y * scale) for x, y in points], 255,
        width=max(1, round(width * scale)), joint='curve')
    return mask.resize(size, Image.BOX)


def draw_w(random):
    """W of four straight strokes; its middle peak 20 to 100 % high."""
    width = int(HEIGHT * random.uniform(0.5, 1.05))
    stroke = HEIGHT * random.uniform(0.09, 0.16)
    lean = width * random.uniform(0.08, 0.26)
    peak = HEIGHT * random.choice([random.uniform(0.02, 0.62),
                                   random.uniform(0.02, 0.15)])
    foot = HEIGHT - stroke * 0.35
    return _thick([(stroke * 0.4, -stroke), (lean + stroke * 0.4, foot),
                   (width / 2, peak), (width - lean - stroke * 0.4, foot),
                   (width - stroke * 0.4, -stroke)], stroke, (width, HEIGHT))


def draw_m(random):
    """M with upright or leaning sides; its middle reaches 35 to 100 %."""
    width = int(HEIGHT * random.uniform(0.5, 0.75))
    stroke = HEIGHT * random.uniform(0.1, 0.16)
    lean = width * random.choice([0, 0, random.uniform(0, 0.12)])
    low = HEIGHT * random.uniform(0.35, 0.95)
    top = stroke * 0.3
    return _thick([(stroke / 2, HEIGHT + stroke), (lean + stroke / 2, top),
                   (width / 2, low), (width - lean - stroke / 2, top),
                   (width - stroke / 2, HEIGHT + stroke)], stroke,
                  (width, HEIGHT))


def draw_bar(random):
    """I or 1 as a bar, some with serifs."""
    stroke = int(HEIGHT * random.uniform(0.1, 0.17))
    if random.random() < 0.6:
        return Image.new('L', (stroke, HEIGHT), 255)
    width = int(stroke * random.uniform(1.8, 3))
    mask = Image.new('L', (width, HEIGHT))
    draw = ImageDraw.Draw(mask)
    draw.rectangle(((width - stroke) / 2, 0, (width + stroke) / 2, HEIGHT),
                   fill=255)
    for top in (0, HEIGHT - stroke):
        draw.rectangle((0, top, width, top + stroke), fill=255)
    return mask


def draw_round(random):
    """0 or O: a rounded frame, narrow or wide."""
    width = int(HEIGHT * random.uniform(0.4, 0.75))
    stroke = HEIGHT * random.uniform(0.1, 0.16)
    mask = Image.new('L', (width * 2, HEIGHT * 2))
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, width * 2 - 1, HEIGHT * 2 - 1),
        radius=width * random.uniform(0.5, 1), outline=255,
        width=int(stroke * 2))
    return mask.resize((width, HEIGHT), Image.BOX)


def draw_q(round_mask, random):
    """Q: an O with a short tail at its lower right."""
    mask = round_mask.copy()
    width, height = mask.size
    long = random.uniform(0.08, 0.25)
    at = random.uniform(0.72, 0.84), random.uniform(0.76, 0.86)
    ImageDraw.Draw(mask).line(
        (width * (at[0] - long), height * (at[1] - long * 0.8),
         width * (at[0] + 0.2), height * (at[1] + 0.18)), 255,
        width=max(3, round(height * random.uniform(0.07, 0.13))))
    return mask


def draw_g(mask, random):
    """G: a C with a short bar and spur, hardly more than a C."""
    mask = mask.copy()
    width, height = mask.size
    stroke = max(3, round(height * random.uniform(0.09, 0.14)))
    middle = height * random.uniform(0.48, 0.6)
    draw = ImageDraw.Draw(mask)
    draw.rectangle((width * random.uniform(0.5, 0.72), middle, width,
                    middle + stroke), fill=255)
    draw.rectangle((width - stroke, middle, width,
                    height * random.uniform(0.7, 0.95)), fill=255)
    return mask


def draw_u_umlaut(mask, random):
    """A U of full height with its dots between the strokes' ends."""
    mask = mask.copy()
    width, height = mask.size
    radius = height * random.uniform(0.045, 0.075)
    y = height * random.uniform(0.04, 0.12)
    for share in (0.39, 0.61):
        ImageDraw.Draw(mask).ellipse(
            (width * share - radius, y - radius, width * share + radius,
             y + radius), fill=255)
    return mask


def cut_slit(mask, random):
    """A gap in the upper right of a zero, as where forging was feared."""
    mask = mask.copy()
    width, height = mask.size
    ImageDraw.Draw(mask).line(
        (width * 0.5, height * random.uniform(0.25, 0.35), width * 1.05,
         height * random.uniform(-0.02, 0.12)), 0,
        width=max(2, round(height * random.uniform(0.05, 0.09))))
    return mask


class Face:
    """A free face's signs as masks, each cut to its ink."""

    def __init__(self, font):
        self.font = font
        self.masks = {}

    def mask(self, sign):
        if sign not in self.masks:
            self.masks[sign] = self._draw(sign)
        return self.masks[sign]

    def _draw(self, sign):
        left, top, right, bottom = self.font.getbbox(sign)
        mask = Image.new('L', (max(1, right - left), max(1, bottom - top)))
        ImageDraw.Draw(mask).text((-left, -top), sign, 255, font=self.font)
        return mask


@functools.lru_cache(maxsize=400)
def face_of(font):
    return Face(font)


class PlateGlyphs:
    """The signs of one plate: a face, and what is drawn instead of it.

    font: of fonts.py; random: random.Random; alike: share of plates whose O
    and 0, I and 1 are one shape; slit: share with a gap in their zeros.
    """

    def __init__(self, font, dotted_zero, random, alike, slit):
        self.face = face_of(font)
        self.own = {}
        if random.random() < 0.65:
            self.own['W'] = draw_w(random)
        if random.random() < 0.3:
            self.own['M'] = draw_m(random)
        if random.random() < 0.25:
            self.own['G'] = draw_g(self.face.mask('C'), random)
        if random.random() < 0.5:
            self.own[UMLAUT_U] = draw_u_umlaut(self.face.mask('U'), random)
        if random.random() < 0.3:
            self.own['Q'] = draw_q(random.choice(
                [self.face.mask('O'), draw_round(random)]), random)
        if random.random() < 0.2 or dotted_zero:
            self.own['0'] = draw_round(random)
        if random.random() < 0.25:
            self.own['I'] = draw_bar(random)
        if random.random() < slit:
            self.own['0'] = cut_slit(self.mask('0'), random)
        elif random.random() < alike:
            self.own['0'] = self.own['O'] = random.choice(
                [self.face.mask('O'), self.mask('0')])
        if random.random() < alike:
            self.own['I'] = self.own['1'] = random.choice(
                [self.mask('I'), self.mask('I'), self.mask('1')])

    def mask(self, sign):
        """The sign's mask, L, cut to its ink."""
        return self.own.get(sign) or self.face.mask(sign)
