# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws what plates are mounted on, and what looks like plates but is none.

A vehicle here is not a portrait: it is the textures a detector meets beside a
plate, in their places. Lamps, grilles, badges, lettering, handles, reflectors
and shiny edges by day, glaring lamps by night. Vehicles are drawn about
640 pixels wide with a mount where the plate belongs; scene.py puts it there.
"""

import dataclasses
import math

import numpy
from PIL import Image, ImageDraw, ImageFilter

from .plates import smooth_field, random_word


@dataclasses.dataclass
class Vehicle:
    """image, alpha: uint8; mount: left, top, right, bottom in pixels: where
    the plate goes; square: whether the mount is for a two-line plate."""
    image: numpy.ndarray
    alpha: numpy.ndarray
    mount: tuple
    square: bool


def _shaded(size, random, low, high):
    """A surface with light from above and soft reflections."""
    width, height = size
    down = numpy.linspace(random.uniform(0.7, 1.2), random.uniform(0.5, 1.0),
                          height)[:, None]
    base = random.uniform(low, high)
    image = base * down * numpy.ones((1, width))
    image = image * (1 + 0.25 * smooth_field(
        (height, width), (random.randint(2, 6), random.randint(2, 5)), random))
    for _ in range(random.randint(0, 3)):
        y, thick = random.randrange(height), random.randint(1, 12)
        image[y:y + thick] += random.uniform(-60, 90)
    return Image.fromarray(numpy.clip(image, 0, 255).astype(numpy.uint8))


def pattern(size, random):
    """A grille, a mesh, a louvre, a lattice: regular dark and bright."""
    width, height = max(2, size[0]), max(2, size[1])
    x, y = numpy.meshgrid(numpy.arange(width), numpy.arange(height))
    pitch = random.uniform(4, max(6, height / 2.2))
    kind = random.random()
    if kind < 0.35:
        wave = numpy.sin(2 * math.pi * y / pitch)
    elif kind < 0.55:
        wave = numpy.sin(2 * math.pi * x / random.uniform(5, 30))
    elif kind < 0.75:
        wave = numpy.maximum(numpy.sin(2 * math.pi * (x + y) / pitch),
                             numpy.sin(2 * math.pi * (x - y) / pitch))
    elif kind < 0.9:
        wave = numpy.minimum(numpy.sin(2 * math.pi * x / pitch),
                             numpy.sin(2 * math.pi * y / pitch))
    else:
        wave = numpy.sign(numpy.sin(2 * math.pi * x / pitch)
                          * numpy.sin(2 * math.pi * y / pitch))
    wave = numpy.clip(wave * random.uniform(1, 4), -1, 1)
    dark, bright = random.uniform(0, 60), random.uniform(30, 230)
    image = dark + (bright - dark) * (wave + 1) / 2
    return Image.fromarray(image.astype(numpy.uint8))


def _glass(size, random, lit=False):
    """What is behind the glass of a lamp: reflectors, flutes, bulbs, glints."""
    width, height = size
    image = _shaded(size, random, 60, 240)
    draw = ImageDraw.Draw(image)
    if random.random() < 0.45:
        image.paste(pattern(size, random), (0, 0),
                    Image.new('L', size, random.randint(40, 200)))
    for _ in range(random.randint(1, 4)):
        radius = height * random.uniform(0.15, 0.6)
        x, y = random.uniform(0, width), height * random.uniform(0.3, 0.7)
        shade = random.randint(10, 255)
        for share in (1, 0.75, 0.5, 0.25):
            draw.ellipse((x - radius * share, y - radius * share,
                          x + radius * share, y + radius * share), fill=shade,
                         outline=random.randint(0, 255))
            shade = max(0, min(255, shade + random.randint(-80, 80)))
    for _ in range(random.randint(0, 25)):
        x, y = random.uniform(0, width), random.uniform(0, height)
        far = random.uniform(0.5, max(1, height * 0.06))
        draw.ellipse((x - far, y - far, x + far, y + far),
                     fill=random.randint(180, 255))
    for _ in range(random.choice([0, 0, 4, 12])):
        x, y = random.uniform(0, width), random.uniform(0, height)
        draw.line((x, y, x + random.uniform(-width, width) * 0.3,
                   y + random.uniform(-height, height) * 0.5),
                  fill=random.randint(0, 255), width=random.randint(1, 3))
    if lit:
        image = image.point(lambda v: min(255, v + 120))
    return image


def _lamp_shape(size, random):
    """Its outline: round, or a quadrilateral with bent corners."""
    width, height = size
    mask = Image.new('L', size)
    shape = ImageDraw.Draw(mask)
    kind = random.random()
    if kind < 0.3:
        shape.ellipse((0, 0, width - 1, height - 1), fill=255)
    elif kind < 0.55:
        shape.rounded_rectangle((0, 0, width - 1, height - 1),
                                radius=int(height * random.uniform(0, 0.5)),
                                fill=255)
    else:
        share = [random.uniform(0, 0.35) for _ in range(8)]
        shape.polygon([(width * share[0], height * share[1]),
                       (width * (1 - share[2]), height * share[3]),
                       (width * (1 - share[4]), height * (1 - share[5])),
                       (width * share[6], height * (1 - share[7]))],
                      fill=255)
    return mask


def _lamp(canvas, box, random, lit):
    left, top, right, bottom = (int(v) for v in box)
    size = (max(4, right - left), max(4, bottom - top))
    canvas.paste(_glass(size, random, lit), (left, top),
                 _lamp_shape(size, random))


def _draw_lamp_alone(random):
    """A lamp, or a row of lights in a dark box, as an image and its alpha."""
    size = (random.randint(60, 260), random.randint(30, 110))
    if random.random() < 0.7:
        return (numpy.asarray(_glass(size, random, random.random() < 0.2)),
                numpy.asarray(_lamp_shape(size, random)))
    canvas = Image.new('L', size, random.randint(0, 90))
    draw = ImageDraw.Draw(canvas)
    count = random.randint(2, 9)
    pitch = size[0] / count
    high = size[1] * random.uniform(0.3, 0.9)
    for number in range(count):
        x = (number + 0.5) * pitch
        wide = pitch * random.uniform(0.5, 0.95)
        draw.rounded_rectangle(
            (x - wide / 2, (size[1] - high) / 2, x + wide / 2,
             (size[1] + high) / 2), radius=int(min(wide, high) / 3),
            fill=random.randint(150, 255))
    canvas = canvas.filter(ImageFilter.GaussianBlur(random.uniform(0, 4)))
    return (numpy.asarray(canvas),
            numpy.full((size[1], size[0]), 255, numpy.uint8))


def _draw_patch(random):
    """A bright or dark piece with a texture: sun on a wall, a sticker, glass,
    a barred window."""
    size = (random.randint(40, 260), random.randint(25, 140))
    canvas = _shaded(size, random, *random.choice([(160, 250), (20, 120)]))
    draw = ImageDraw.Draw(canvas)
    kind = random.random()
    if kind < 0.35:
        shade = random.choice([random.randint(0, 60), random.randint(190,
                                                                     255)])
        for number in range(1, random.randint(3, 9)):
            x = size[0] * number / 8
            draw.line((x, 0, x, size[1]), fill=shade,
                      width=random.randint(2, 6))
        for number in range(random.randint(0, 4)):
            y = size[1] * (number + 1) / 5
            draw.line((0, y, size[0], y), fill=shade,
                      width=random.randint(1, 5))
        draw.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=shade,
                       width=random.randint(2, 8))
    elif kind < 0.6:
        for _ in range(random.randint(5, 60)):
            x, y = random.uniform(0, size[0]), random.uniform(0, size[1])
            far = random.uniform(1, 7)
            draw.ellipse((x - far, y - far, x + far, y + far),
                         fill=random.randint(0, 255))
    return numpy.asarray(canvas), numpy.asarray(_lamp_shape(size, random))


def _draw_round_sign(fonts, random):
    side = random.randint(60, 120)
    canvas = Image.new('L', (side, side), random.randint(150, 255))
    draw = ImageDraw.Draw(canvas)
    draw.ellipse((2, 2, side - 3, side - 3), outline=random.randint(30, 120),
                 width=side // 9)
    lettering(canvas, fonts, random, side * 0.25, side * 0.25, side * 0.45,
              str(random.randint(1, 13) * 10), random.randint(0, 60))
    alpha = Image.new('L', (side, side), 255 if random.random() < 0.3 else 0)
    ImageDraw.Draw(alpha).ellipse((1, 1, side - 2, side - 2), fill=255)
    return numpy.asarray(canvas), numpy.asarray(alpha)


def _draw_chrome_word(fonts, random):
    """Raised letters on a body, with light from above and a shadow."""
    high = random.randint(30, 70)
    text = random_word(random, random.randint(2, 9))
    if random.random() < 0.3:
        text = text.lower()
    font = fonts.small(random, high)
    gap = high * random.uniform(0, 0.6)
    probe = ImageDraw.Draw(Image.new('L', (1, 1)))
    widths = [probe.textlength(sign, font) for sign in text]
    size = (int(sum(widths) + gap * len(text)) + 12, int(high * 1.4) + 8)
    canvas, alpha = Image.new('L', size, random.randint(0, 40)), Image.new(
        'L', size)
    shade, x = random.randint(120, 255), 4
    for sign, width in zip(text, widths):
        for image, value, shift in ((alpha, 255, 2), (alpha, 255, 0),
                                    (canvas, shade, 0)):
            ImageDraw.Draw(image).text((x + shift, 2 + shift), sign, value,
                                       font=font)
        x += width + gap
    return numpy.asarray(canvas), numpy.asarray(alpha)


def lettering(canvas, fonts, random, x, y, height, text=None, shade=None):
    """Words as on bodies, vans, windows and shops; returns their width."""
    draw = ImageDraw.Draw(canvas)
    font = fonts.small(random, max(6, int(height)))
    text = text or random_text(random)
    spaced = random.random() < 0.35
    if shade is None:
        shade = random.choice([random.randint(0, 60), random.randint(150, 255)])
    if not spaced:
        draw.text((x, y), text, shade, font=font)
        return draw.textlength(text, font)
    at = x
    step = height * random.uniform(0.1, 0.9)
    for sign in text:
        draw.text((at, y), sign, shade, font=font)
        at += draw.textlength(sign, font) + step
    return at - x


def random_text(random):
    """Brand names, models, sizes, shops, telephones, addresses."""
    kind = random.random()
    if kind < 0.45:
        return random_word(random, random.randint(3, 9))
    if kind < 0.6:
        return random_word(random, random.randint(3, 10)).capitalize()
    if kind < 0.72:
        return random.choice(['%d.%d' % (random.randint(1, 6),
                                         random.randint(0, 9)),
                              '%d' % random.randint(1, 999)]) + \
            random.choice(['', ' ']) + random_word(random,
                                                   random.randint(1, 4))
    if kind < 0.8:
        return '0%d %s' % (random.randint(10, 99), ' '.join(
            '%02d' % random.randint(0, 99) for _ in range(3)))
    if kind < 0.88:
        return 'www.%s.%s' % (random_word(random, random.randint(4, 9)).lower(),
                              random.choice(['be', 'nl', 'com', 'de', 'fr']))
    return ' '.join(random_word(random, random.randint(2, 8))
                    for _ in range(random.randint(2, 3)))


def _badge(canvas, centre, radius, fonts, random):
    draw = ImageDraw.Draw(canvas)
    x, y = centre
    wide = radius * random.uniform(0.9, 1.9)
    box = (x - wide, y - radius, x + wide, y + radius)
    light, dark = random.randint(130, 255), random.randint(0, 100)
    if random.random() < 0.75:
        draw.ellipse(box, fill=dark, outline=light,
                     width=max(1, int(radius / 5)))
    else:
        draw.rounded_rectangle(box, radius=int(radius / 3), fill=dark,
                               outline=light, width=max(1, int(radius / 6)))
    if random.random() < 0.5:
        lettering(canvas, fonts, random, x - wide * 0.6, y - radius * 0.6,
                  radius, random_word(random, random.randint(1, 4)), light)
    else:
        for _ in range(random.randint(1, 3)):
            angle = random.uniform(0, math.pi)
            draw.line((x - wide * 0.7 * math.cos(angle),
                       y - radius * 0.7 * math.sin(angle),
                       x + wide * 0.7 * math.cos(angle),
                       y + radius * 0.7 * math.sin(angle)), fill=light,
                      width=max(1, int(radius / 4)))


def _body(random, width, height):
    """Outline of a vehicle seen from before or behind."""
    roof = random.uniform(0.12, 0.28) * width
    shoulder = height * random.uniform(0.35, 0.5)
    return [(roof, 0), (width - roof, 0),
            (width * 0.97, shoulder), (width, height * 0.65),
            (width * 0.97, height), (width * 0.03, height),
            (0, height * 0.65), (width * 0.03, shoulder)]


def draw_vehicle(fonts, random, night=False):
    """A car's or van's front or rear. Returns Vehicle. 10 ms."""
    width = 640
    height = int(width * random.uniform(0.65, 0.95))
    low, high = (5, 60) if night else random.choice(
        [(10, 50), (30, 110), (90, 180), (180, 250)])
    canvas = _shaded((width, height), random, low, high)
    alpha = Image.new('L', (width, height))
    ImageDraw.Draw(alpha).polygon(_body(random, width, height), fill=255)
    _windows(canvas, fonts, random, width, height)
    mount = _lower_part(canvas, fonts, random, width, height, night)
    alpha = alpha.filter(ImageFilter.GaussianBlur(1.5))
    return Vehicle(numpy.asarray(canvas), numpy.asarray(alpha), mount,
                   mount[2] - mount[0] < 2.4 * (mount[3] - mount[1]))


def _windows(canvas, fonts, random, width, height):
    bottom = height * random.uniform(0.32, 0.46)
    box = (int(width * 0.16), int(height * 0.05), int(width * 0.84),
           int(bottom))
    glass = _shaded((box[2] - box[0], box[3] - box[1]), random, 10, 90)
    draw = ImageDraw.Draw(glass)
    for _ in range(random.randint(0, 5)):
        x, y = random.uniform(0, glass.width), random.uniform(0, glass.height)
        w, h = random.uniform(10, 160), random.uniform(5, 80)
        draw.rounded_rectangle((x, y, x + w, y + h), radius=8,
                               fill=random.randint(0, 200))
    if random.random() < 0.3:
        lettering(glass, fonts, random, random.uniform(5, 200),
                  glass.height * random.uniform(0.1, 0.8),
                  random.uniform(10, 40))
    if random.random() < 0.4:
        x, y = random.uniform(0, glass.width), random.uniform(0, glass.height)
        draw.line((x, glass.height, x + random.uniform(-200, 200), y),
                  fill=random.randint(0, 60), width=random.randint(2, 7))
    mask = Image.new('L', glass.size, 255)
    canvas.paste(glass.filter(ImageFilter.GaussianBlur(0.7)), box[:2], mask)


def _lower_part(canvas, fonts, random, width, height, night):
    """Lamps, grille, badge, lettering, bumper; returns the plate's mount."""
    draw = ImageDraw.Draw(canvas)
    top = height * random.uniform(0.42, 0.55)
    lamp_height = height * random.uniform(0.07, 0.2)
    lamp_width = width * random.uniform(0.12, 0.27)
    lit = random.random() < (0.7 if night else 0.15)
    _lamp(canvas, (width * 0.03, top, width * 0.03 + lamp_width,
                   top + lamp_height), random, lit)
    _lamp(canvas, (width * 0.97 - lamp_width, top, width * 0.97,
                   top + lamp_height), random, lit)
    if random.random() < 0.6:
        inset = width * random.uniform(0.25, 0.4)
        size = (int(width - 2 * inset), int(height * random.uniform(.05, .2)))
        at = (int(inset), int(top + random.uniform(-0.02, 0.06) * height))
        canvas.paste(pattern(size, random), at)
        draw.rounded_rectangle((*at, at[0] + size[0], at[1] + size[1]),
                               radius=6, outline=random.randint(0, 255),
                               width=random.randint(1, 5))
    if random.random() < 0.7:
        _badge(canvas, (width / 2, top + height * random.uniform(-.03, .08)),
               height * random.uniform(0.02, 0.05), fonts, random)
    for _ in range(random.choice([0, 0, 1, 1, 2, 3])):
        lettering(canvas, fonts, random, width * random.uniform(0.08, 0.7),
                  top + height * random.uniform(-0.08, 0.15),
                  random.uniform(12, 34))
    bumper = top + lamp_height + height * random.uniform(0.03, 0.12)
    draw.line((0, bumper, width, bumper), fill=random.randint(0, 120),
              width=random.randint(1, 6))
    _low_grille(canvas, random, width, height, bumper)
    return _mount(canvas, random, width, height, top, bumper)


def _low_grille(canvas, random, width, height, bumper):
    draw = ImageDraw.Draw(canvas)
    if random.random() < 0.6:
        inset = width * random.uniform(0.08, 0.35)
        size = (int(width - 2 * inset), int(height * random.uniform(.04, .15)))
        canvas.paste(pattern(size, random),
                     (int(inset), int(min(bumper + height * .12,
                                          height * .85))))
    for _ in range(random.randint(0, 2)):
        y = random.uniform(bumper, height * 0.95)
        wide, high = random.uniform(15, 60), random.uniform(6, 26)
        inset = random.uniform(15, 120)
        for x in (inset, width - inset - wide):
            draw.rounded_rectangle((x, y, x + wide, y + high), radius=4,
                                   fill=random.randint(0, 255))


def _mount(canvas, random, width, height, top, bumper):
    square = random.random() < 0.15
    wide = width * (random.uniform(0.15, 0.2) if square
                    else random.uniform(0.24, 0.32))
    high = wide / (1.5 if square else 4.6)
    place = random.random()
    if place < 0.55:
        y = bumper + height * random.uniform(-0.02, 0.08)
    else:
        y = top + height * random.uniform(0.02, 0.1)
    x = (width - wide) / 2 + (0 if random.random() < 0.85
                              else width * random.uniform(-0.25, 0.25))
    if random.random() < 0.5:
        grow = random.uniform(0.05, 0.4) * high
        ImageDraw.Draw(canvas).rounded_rectangle(
            (x - grow * 2, y - grow, x + wide + grow * 2, y + high + grow),
            radius=int(high / 4), fill=random.randint(0, 140))
    return (x, y, x + wide, y + high)


def draw_board(fonts, random):
    """Signs, shop fronts, lorries, lamps, badges: what is no plate.

    Returns image and alpha, uint8.
    """
    kind = random.random()
    if kind < 0.2:
        return _draw_lamp_alone(random)
    if kind < 0.3:
        return _draw_patch(random)
    if kind < 0.33:
        return _draw_round_sign(fonts, random)
    if kind < 0.48:
        return _draw_chrome_word(fonts, random)
    kind = random.random()
    high = random.randint(24, 90)
    ground = random.choice([random.randint(150, 255), random.randint(0, 120)])
    ink = random.randint(0, 90) if ground > 130 else random.randint(150, 255)
    if kind < 0.5:
        lines = [random_text(random) for _ in range(random.choice([1, 1, 2, 3,
                                                                    4]))]
    elif kind < 0.75:
        lines = [random_word(random, random.randint(1, 12))]
    else:
        lines = []
    font = fonts.small(random, high)
    probe = ImageDraw.Draw(Image.new('L', (1, 1)))
    wide = max([probe.textlength(line, font) for line in lines] + [20])
    pad = high * random.uniform(0.1, 0.9)
    size = (int(wide + 2 * pad),
            int(max(1, len(lines)) * high * 1.15 + pad))
    canvas = Image.new('L', size, ground)
    draw = ImageDraw.Draw(canvas)
    if not lines:
        canvas = pattern((random.randint(60, 260), random.randint(20, 120)),
                         random)
        draw = ImageDraw.Draw(canvas)
    for number, line in enumerate(lines):
        draw.text((pad, pad * 0.4 + number * high * 1.15), line, ink,
                  font=font)
    alpha = Image.new('L', canvas.size, 255)
    if random.random() < 0.3 and lines:
        # painted on whatever is there, without a board
        alpha = canvas.point(lambda v: 255 if abs(v - ground) > 30 else 0)
    elif random.random() < 0.5:
        draw.rectangle((0, 0, canvas.width - 1, canvas.height - 1),
                       outline=ink, width=random.randint(1, 4))
    return numpy.asarray(canvas), numpy.asarray(alpha)


def draw_stamp(canvas, fonts, random):
    """Burnt into the picture: date and time, camera's name, a watermark."""
    text = random.choice([
        '%04d-%02d-%02d %02d:%02d:%02d', '%d/%02d/%02d %02d:%02d:%02d',
        '%04d.%02d.%02d %02d.%02d.%02d']) % (
            random.randint(2005, 2030), random.randint(1, 12),
            random.randint(1, 28), random.randint(0, 23),
            random.randint(0, 59), random.randint(0, 59))
    if random.random() < 0.4:
        text = random.choice(['CAM %d', 'CH%02d', 'CAMERA%02d', '%02d KM/H',
                              '%d.0 FPS']) % random.randint(1, 99)
    if random.random() < 0.3:
        text = random_text(random)
    draw = ImageDraw.Draw(canvas)
    font = fonts.small(random, random.randint(8, 22))
    width = draw.textlength(text, font)
    x = random.choice([2, canvas.width - width - 3,
                       random.uniform(0, canvas.width - width)])
    y = random.choice([1, 2, canvas.height - 24,
                       random.uniform(0, canvas.height - 20)])
    if random.random() < 0.3:
        draw.rectangle((x - 2, y - 1, x + width + 2, y + font.size + 3),
                       fill=random.choice([0, 255]))
    shade = random.choice([255, 255, 230, 0])
    draw.text((x, y), text, shade, font=font,
              stroke_width=random.choice([0, 0, 1]),
              stroke_fill=255 - shade)
