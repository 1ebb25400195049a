# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plate pictures as a reader gets them, with their texts.

A drawn plate is laid before a background as a camera would see it, 8 to 60
pixels high signs, spoilt by light, lens and coding, cut out by a box that is a
little off, and stretched to the reader's size: WIDTH x HEIGHT, the two lines of
a square plate side by side. plugins/plateocr/platecrop.c makes the same picture
of a frame.
"""

import glob
import math
import os

import numpy
from PIL import Image

from . import camera, plates, styles, vehicles, warp
from .scene import Pool, load_luma, read_boxes

WIDTH, HEIGHT = 160, 40
# What a reader tells of each step along a picture: nothing, what parts two
# groups, or a sign
LABELS = ['blank', ' '] + list(styles.ALL + styles.DIGITS + styles.UMLAUTS)
OVERLAP = 0.02              # of the lines of a square plate
SPLIT_FROM, SPLIT_TO = 0.36, 0.62
NEGATIVES = 0.05


def stretch(picture, box, size):
    """The part of a PIL picture as size, each pixel a weighted mean."""
    return picture.resize(size, Image.BILINEAR, box=box)


def find_split(square):
    """Where the lines part: the row of the least contrast, of an 80 x 80
    array."""
    part = square[:, 8:72].astype(numpy.float32)
    contrast = numpy.abs(numpy.diff(part, axis=1)).mean(1)
    smooth = (contrast[:-2] + contrast[1:-1] + contrast[2:]) / 3
    first, last = int(SPLIT_FROM * 80), int(SPLIT_TO * 80)
    return first + int(numpy.argmin(smooth[first - 1:last - 1]))


def one_line(picture, box):
    return numpy.asarray(stretch(picture, box, (WIDTH, HEIGHT)))


def two_lines(picture, box):
    square = stretch(picture, box, (80, 80))
    split = (find_split(numpy.asarray(square)) + 0.5) / 80
    upper = stretch(square, (0, 0, 80, 80 * (split + OVERLAP)), (80, 40))
    lower = stretch(square, (0, 80 * (split - OVERLAP), 80, 80), (80, 40))
    return numpy.hstack([numpy.asarray(upper), numpy.asarray(lower)])


def _padded(picture, box):
    """The picture with its edges repeated as far as the box reaches."""
    left, top = (max(0, math.ceil(-v)) + 1 for v in box[:2])
    right = max(0, math.ceil(box[2] - picture.width)) + 1
    bottom = max(0, math.ceil(box[3] - picture.height)) + 1
    grown = numpy.pad(numpy.asarray(picture), ((top, bottom), (left, right)),
                      'edge')
    return Image.fromarray(grown), (box[0] + left, box[1] + top,
                                    box[2] + left, box[3] + top)


class PictureMaker:
    """Makes plate pictures; one process, one generator of random numbers each.

    fonts: Fonts; real: folder with boxes.tsv and pictures (their surroundings
    and what is beside plates, never their texts); pictures: folder of
    backgrounds; random: random.Random; ease: 0 easy, 1 as hard as it gets.
    """

    def __init__(self, fonts, real, pictures, random):
        self.fonts, self.random = fonts, random
        self.ease = self.hardness = 1.0
        self.backgrounds = [load_luma(path, 700) for path in
                            sorted(glob.glob(os.path.join(pictures, '*.*')))]
        boxes = read_boxes(os.path.join(real, 'boxes.tsv'))
        self.real = [(load_luma(os.path.join(real, name)), boxes[name])
                     for name in sorted(boxes)]
        self.drawn = Pool(lambda: plates.draw_plate(fonts, random), 600, 3,
                          random)
        self.infrared = Pool(lambda: plates.draw_plate(fonts, random, True),
                             150, 3, random)
        self.boards = Pool(lambda: vehicles.draw_board(fonts, random), 120, 8,
                           random)

    def empty_pools(self):
        for pool in (self.drawn, self.infrared, self.boards):
            pool.items.clear()

    def make(self):
        """A picture (HEIGHT x WIDTH, uint8) and its text, '' for no plate."""
        picture, box, lines, text = self.look((0.02, 0.03))
        picture, box = _padded(picture, box)
        cut = two_lines if lines == 2 else one_line
        return cut(picture, box), text

    def look(self, margin):
        """What a camera sees, where a detector puts the box there, with a
        margin in parts of its width and height, the number of lines and the
        text."""
        if self.random.random() < NEGATIVES:
            return self._no_plate()
        # most as a roadside camera should see them: of what nobody can read
        # nothing is learned
        self.hardness = self.ease * (1 if self.random.random() < 0.2
                                     else self.random.uniform(0.1, 0.75))
        pool = self.infrared if self.random.random() < 0.15 else self.drawn
        plate = pool.take()
        picture, corners = self._seen(plate)
        return (picture, self._box(corners, margin), plate.lines,
                plate.text.replace('/', ' '))

    # Light and camera

    def _background(self, width, height):
        """A piece of a real picture or a photograph, float32."""
        random = self.random
        picture, _ = random.choice(self.real) if random.random() < 0.6 else (
            random.choice(self.backgrounds), None)
        scale = random.uniform(0.5, 1.5)
        across = min(picture.width, max(2, int(width / scale)))
        down = min(picture.height, max(2, int(height / scale)))
        left = random.randint(0, picture.width - across)
        top = random.randint(0, picture.height - down)
        piece = picture.resize((width, height), Image.BILINEAR, box=(
            left, top, left + across, top + down))
        return numpy.asarray(piece, numpy.float32) * random.uniform(0.3, 1.2)

    def _width(self, lines):
        """Pixels from the plate's left to its right, in the camera's picture.
        """
        random = self.random
        low, high = (52, 250) if lines == 1 else (36, 150)
        low = high * 0.6 + (low - high * 0.6) * self.hardness
        return math.exp(random.uniform(math.log(low), math.log(high)))

    def _angles(self):
        random, ease = self.random, self.hardness
        if random.random() < 0.4:
            # as rectified by its corners
            return (random.gauss(0, 8 * ease), random.gauss(0, 6 * ease),
                    random.gauss(0, 1.6 * ease))
        # a steep road, or a camera beside it that looks far down
        roll = random.uniform(-11, 11) if random.random() < 0.12 * self.ease \
            else random.gauss(0, 3.4 * ease)
        return (random.gauss(0, 17 * ease), random.gauss(0, 11 * ease), roll)

    def _seen(self, plate):
        """The plate in a camera's picture (PIL), and its corners there."""
        random, ease = self.random, self.hardness
        width = self._width(plate.lines)
        turned = warp.turned_rectangle(width, width / plate.aspect,
                                       *self._angles(), random.uniform(3, 12))
        low, high = turned.min(0), turned.max(0)
        margin = (high - low) * (0.2, 0.35) + 4
        size = numpy.ceil(high - low + 2 * margin).astype(int)
        corners = turned - low + margin
        scene = self._background(int(size[0]), int(size[1]))
        night = random.random() < 0.4
        if night:
            scene *= random.uniform(0.05, 0.7)
        warp.paste(scene, self._exposed(plate, scene), plate.alpha,
                   warp.homography(plate.corners, corners))
        if random.random() < 0.08 * ease:
            self._lamps_above(scene, corners)
        scene = self._bounded(scene)
        degraded = camera.degrade(scene, random, width * 0.42 * ease + 8
                                  * (1 - ease), False, 0.08 * ease)
        if random.random() < 0.2 * ease:
            degraded = self._far(degraded, width)
        return Image.fromarray(degraded), corners

    def _exposed(self, plate, scene):
        """The plate's luma as lit there: by day, by lamps, hardly."""
        random, ease = self.random, self.hardness
        image = plate.image.astype(numpy.float32)
        kind = random.random()
        if kind < 0.35 * ease:
            # little contrast: pale ink or a dark plate
            low = random.uniform(0, 120)
            high = low + random.uniform(35, 120)
            image = low + image * (high - low) / 255
        elif kind < 0.43 * ease:
            # burnt out, the ink eaten by light
            image = image * random.uniform(1.1, 1.8) + random.uniform(0, 90)
        else:
            image = image * random.uniform(0.6, 1.05)
        return numpy.clip(image, 0, 255).astype(numpy.uint8)

    def _lamps_above(self, scene, corners):
        """The lamps that light a rear plate: bright spots at its upper edge."""
        random = self.random
        y, x = numpy.ogrid[:scene.shape[0], :scene.shape[1]]
        high = corners[3, 1] - corners[0, 1]
        for share in (random.uniform(0.1, 0.45), random.uniform(0.55, 0.9)):
            at = corners[0] + (corners[1] - corners[0]) * share
            far = ((x - at[0]) / 1.6) ** 2 + (y - at[1]) ** 2
            scene += random.uniform(40, 180) * numpy.exp(
                -far / (2 * (high * random.uniform(0.12, 0.4)) ** 2))

    @staticmethod
    def _bounded(scene):
        return numpy.clip(scene, 0, 255)

    def _far(self, image, width):
        """Seen with fewer pixels than the picture has, as if enlarged."""
        random = self.random
        scale = max(random.uniform(0.35, 0.9), 45 / width)
        if scale >= 1:
            return image
        picture = Image.fromarray(image)
        small = picture.resize((max(8, int(picture.width * scale)),
                                max(6, int(picture.height * scale))),
                               Image.BILINEAR)
        return numpy.asarray(small.resize(picture.size, random.choice(
            [Image.BILINEAR, Image.BICUBIC])))

    def _box(self, corners, margin):
        """What a detector takes for the plate's box, and a margin."""
        random = self.random
        low, high = corners.min(0), corners.max(0)
        across, down = high - low
        spread = 1 if random.random() < 0.8 else 1.8
        sides = [random.gauss(margin[0], 0.022 * spread) * across,
                 random.gauss(margin[1], 0.045 * spread) * down,
                 random.gauss(margin[0], 0.022 * spread) * across,
                 random.gauss(margin[1], 0.045 * spread) * down]
        return (low[0] - sides[0], low[1] - sides[1], high[0] + sides[2],
                high[1] + sides[3])

    # What is no plate

    def _no_plate(self):
        lines = 2 if self.random.random() < 0.25 else 1
        make = self._beside_plates if self.random.random() < 0.5 \
            else self._board
        return *make(4.5 if lines == 1 else 1.4), lines, ''

    def _beside_plates(self, aspect):
        """A piece of a real picture away from its plates."""
        random = self.random
        picture, boxes = random.choice(self.real)
        for _ in range(20):
            width = math.exp(random.uniform(math.log(40), math.log(300)))
            height = width / aspect * random.uniform(0.8, 1.25)
            left = random.uniform(0, picture.width - width)
            top = random.uniform(0, picture.height * 0.95 - height)
            box = (left, top, left + width, top + height)
            if all(box[2] < b[0] - 8 or box[0] > b[2] + 8 or box[3] < b[1] - 8
                   or box[1] > b[3] + 8 for b in boxes):
                break
        else:
            box = (0, 0, 80 * aspect, 80)
        return picture, box

    def _board(self, aspect):
        """Lettering, badges, lamps and grilles, more or less framed."""
        random = self.random
        image, alpha = self.boards.take()
        high = image.shape[0] * random.uniform(0.8, 1.8)
        wide = high * aspect * random.uniform(0.7, 1.3)
        scale = random.uniform(60, 200) / wide
        size = (max(24, int(wide * scale)), max(10, int(high * scale)))
        scene = self._background(*size)
        middle = numpy.array(size) / 2 + (random.gauss(0, size[0] * 0.1),
                                          random.gauss(0, size[1] * 0.1))
        half = numpy.array([image.shape[1], image.shape[0]]) * scale / 2
        corners = [middle - half, middle + half * (1, -1), middle + half,
                   middle + half * (-1, 1)]
        source = [(0, 0), (image.shape[1], 0), image.shape[::-1],
                  (0, image.shape[0])]
        warp.paste(scene, image, alpha, warp.homography(source, corners))
        degraded = camera.degrade(self._bounded(scene), random, size[0] * 0.5,
                                  random.random() < 0.3)
        return Image.fromarray(degraded), (0, 0, *size)
