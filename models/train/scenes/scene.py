# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes scenes of 320 x 192 pixels with plates and the truth about them.

Three kinds of scenes:
  real      a piece of a real picture, some of its plates painted over by drawn
            ones in their place and light
  vehicle   drawn vehicles before a real or drawn background
  loose     plates anywhere on a background, so that no place is learned
All get boards, lettering and stamps that are no plates, and all go through the
same camera.

Labels are rows of LABEL_SIZE numbers: kind, box (left, top, right, bottom),
corners (x, y of four, clockwise from the plate's own upper left), pixels of the
scene. Kinds: 1 plate with corners, 2 plate with an upright box only, 3 ignore
(cut off, hidden, not annotated).
"""

import csv
import glob
import math
import os

import numpy
from PIL import Image

from . import camera, plates, vehicles, warp

WIDTH, HEIGHT = 320, 192
PLATE, PLATE_BOX, IGNORE = 1, 2, 3
LABEL_SIZE = 13
MAX_LABELS = 16

# Widths of plates, pixels of the scene
NARROWEST, WIDEST = 12, 115


class Pool:
    """Drawn things, used several times, replaced one by one."""

    def __init__(self, draw, size, uses, random):
        self.draw, self.size, self.random = draw, size, random
        self.chance = 1 / uses
        self.items = []

    def take(self):
        if len(self.items) < self.size:
            self.items.append(self.draw())
            return self.items[-1]
        at = self.random.randrange(self.size)
        if self.random.random() < self.chance:
            self.items[at] = self.draw()
        return self.items[at]


def read_boxes(path):
    """boxes.tsv as {picture: [(left, top, right, bottom)]}."""
    boxes = {}
    with open(path, encoding='utf8', newline='') as file:
        for row in csv.DictReader(file, delimiter='\t',
                                  quoting=csv.QUOTE_NONE):
            left, top, width, height = (float(row[k]) for k in 'xywh')
            boxes.setdefault(row['path'], []).append(
                (left, top, left + width, top + height))
    return boxes


def load_luma(path, most=None):
    picture = Image.open(path)
    picture.draft('L', picture.size)
    picture = picture.convert('L')
    if most and max(picture.size) > most:
        picture.thumbnail((most, most), Image.BOX)
    return picture


class SceneMaker:
    """Makes scenes; one process, one generator of random numbers each.

    fonts: Fonts; real: folder with boxes.tsv and pictures, or None; pictures:
    folder of backgrounds; ignored: {picture: boxes} of plates in real pictures
    that nobody annotated; random: random.Random.
    """

    def __init__(self, fonts, real, pictures, random, ignored=None):
        self.fonts, self.random = fonts, random
        self.ignored = ignored or {}
        self.backgrounds = [load_luma(path, 1400) for path in
                            sorted(glob.glob(os.path.join(pictures, '*.*')))]
        self.boxes = read_boxes(os.path.join(real, 'boxes.tsv'))
        self.real = {name: load_luma(os.path.join(real, name))
                     for name in sorted(self.boxes)}
        self.names = sorted(self.real)
        self.day_plates = Pool(lambda: plates.draw_plate(fonts, random),
                               500, 6, random)
        self.infrared_plates = Pool(
            lambda: plates.draw_plate(fonts, random, True), 150, 6, random)
        self.day_vehicles = Pool(
            lambda: vehicles.draw_vehicle(fonts, random), 150, 12, random)
        self.night_vehicles = Pool(
            lambda: vehicles.draw_vehicle(fonts, random, True), 60, 12,
            random)
        self.boards = Pool(lambda: vehicles.draw_board(fonts, random), 300, 8,
                           random)

    def empty_pools(self):
        for pool in (self.day_plates, self.infrared_plates, self.day_vehicles,
                     self.night_vehicles, self.boards):
            pool.items.clear()

    def make(self):
        """A scene: image (HEIGHT x WIDTH, uint8), labels (n x LABEL_SIZE)."""
        kind = self.random.random()
        night = self.random.random() < 0.35
        if kind < 0.55:
            scene, labels, night = self._real_scene()
        elif kind < 0.87:
            scene, labels = self._vehicle_scene(night)
        else:
            scene, labels = self._loose_scene(night)
        if self.random.random() < 0.6:
            self._add_boards(scene, labels)
        if self.random.random() < 0.1:
            self._hide_part(scene, labels)
        widths = [row[3] - row[1] for row in labels if row[0] != IGNORE]
        image = camera.degrade(scene, self.random, min(widths, default=40),
                               night)
        if self.random.random() < 0.12:
            canvas = Image.fromarray(image)
            vehicles.draw_stamp(canvas, self.fonts, self.random)
            image = numpy.asarray(canvas)
        return image, self._cut_labels(labels)

    # Labels

    @staticmethod
    def _label(corners):
        low, high = corners.min(0), corners.max(0)
        return [PLATE, low[0], low[1], high[0], high[1], *corners.ravel()]

    @staticmethod
    def _box_label(kind, box):
        return [kind, *box] + [0] * 8

    @staticmethod
    def _cut_labels(labels):
        """Those out of sight go, those half out of it are to be ignored."""
        kept = []
        for row in labels:
            left, top, right, bottom = row[1:5]
            seen = (max(0, min(right, WIDTH) - max(left, 0))
                    * max(0, min(bottom, HEIGHT) - max(top, 0)))
            share = seen / max(1e-6, (right - left) * (bottom - top))
            if share < 0.05:
                continue
            row = list(row)
            if share < 0.8:
                row[0] = IGNORE
            kept.append(row)
        return numpy.array(kept[:MAX_LABELS], numpy.float32).reshape(
            -1, LABEL_SIZE)

    def _overlaps(self, box, labels, margin=3):
        return any(box[0] < row[3] + margin and box[2] > row[1] - margin
                   and box[1] < row[4] + margin and box[3] > row[2] - margin
                   for row in labels)

    # Sizes and angles

    def _width(self):
        low, high = math.log(NARROWEST), math.log(WIDEST)
        return math.exp(self.random.uniform(low, high))

    def _angles(self):
        """Yaw, pitch, roll in degrees: mostly small, up to 50."""
        random = self.random
        spread = random.choice([0.3, 1, 1])
        return (max(-50, min(50, random.gauss(0, 22 * spread))),
                max(-40, min(40, random.gauss(0, 10 * spread))),
                max(-30, min(30, random.gauss(0, 6 * spread))))

    # Real pictures

    def _real_scene(self):
        random = self.random
        name = random.choice(self.names)
        picture, boxes = self.real[name], self.boxes[name]
        box = random.choice(boxes)
        width = self._width()
        scale = min(width / (box[2] - box[0]), 2.2)
        across = scale * random.uniform(0.93, 1.07)
        down = scale * random.uniform(0.93, 1.07)
        size = WIDTH / across, HEIGHT / down
        if random.random() < 0.85:
            left = self._start(box[0], box[2], size[0], picture.width)
            top = self._start(box[1], box[3], size[1], picture.height)
        else:
            left = random.uniform(0, max(1, picture.width - size[0]))
            top = random.uniform(0, max(1, picture.height / 2 - size[1]))
        # beyond the picture's edge: grey, as the detector has it, or more
        empty = self._background(False) if random.random() < 0.5 else None
        scene = self._crop(picture, left, top, across, down, empty)
        labels = []
        for one in boxes:
            box = ((one[0] - left) * across, (one[1] - top) * down,
                   (one[2] - left) * across, (one[3] - top) * down)
            labels += self._real_plate(scene, box)
        for one in self.ignored.get(name, []):
            labels.append(self._box_label(IGNORE, (
                (one[0] - left) * across, (one[1] - top) * down,
                (one[2] - left) * across, (one[3] - top) * down)))
        if random.random() < 0.25:
            self._add_vehicle(scene, labels, random.random() < 0.5)
        return scene, labels, name.startswith('night')

    def _start(self, low, high, size, most):
        """Where a crop of a size begins so that low..high is in it, and as
        little as can be of what is not in 0..most."""
        start = low - self.random.uniform(0.02, 0.98) * max(
            1, size - (high - low))
        if size < most and self.random.random() < 0.9:
            start = min(max(start, 0), most - size)
        return start

    @staticmethod
    def _crop(picture, left, top, across, down, scene=None):
        """A piece of a picture as a scene; what was there, or grey, where
        there is none."""
        if scene is None:
            scene = numpy.full((HEIGHT, WIDTH), 128, numpy.float32)
        x0, y0 = max(0, math.ceil(-left * across)), max(
            0, math.ceil(-top * down))
        x1 = min(WIDTH, int((picture.width - left) * across))
        y1 = min(HEIGHT, int((picture.height - top) * down))
        if x1 <= x0 or y1 <= y0:
            return scene
        box = (left + x0 / across, top + y0 / down, left + x1 / across,
               top + y1 / down)
        box = (max(0, box[0]), max(0, box[1]), min(picture.width, box[2]),
               min(picture.height, box[3]))
        piece = picture.resize((x1 - x0, y1 - y0), Image.BILINEAR, box=box,
                               reducing_gap=2.0)
        scene[y0:y1, x0:x1] = numpy.asarray(piece, numpy.float32)
        return scene

    def _real_plate(self, scene, box):
        """Keeps a real plate, or paints another over it."""
        left, top, right, bottom = box
        inside = (left > 2 and top > 4 and right < WIDTH - 2
                  and bottom < HEIGHT - 4 and right - left > 8)
        if not inside or self.random.random() < 0.5:
            return [self._box_label(PLATE_BOX, box)]
        dark, bright = self._erase(scene, box)
        if self.random.random() < 0.1:
            return []
        plate = self.day_plates.take()
        random = self.random
        width = (right - left) * random.uniform(0.95, 1.1)
        if plate.aspect < 2.6:
            width *= random.uniform(0.5, 0.8)
        yaw, pitch, roll = (v * 0.5 for v in self._angles())
        corners = warp.turned_rectangle(width, width / plate.aspect, yaw,
                                        pitch, roll, random.uniform(4, 12))
        corners += ((left + right) / 2 + random.uniform(-1, 1),
                    (top + bottom) / 2 + random.uniform(-1, 1))
        low = dark + random.uniform(-5, 20)
        high = max(bright + random.uniform(-25, 40), low + 20)
        image = low + plate.image.astype(numpy.float32) * (high - low) / 235
        self._lay(scene, plate, numpy.clip(image, 0, 255).astype(
            numpy.uint8), corners)
        return [self._label(corners)]

    @staticmethod
    def _erase(scene, box):
        """Fills a plate's place from above and below; returns the levels of
        its dark and bright parts."""
        left, top, right, bottom = (int(v) for v in box)
        old = scene[top:bottom + 1, left:right + 1]
        dark, bright = numpy.percentile(old, (8, 85))
        grow = 2
        above = scene[max(0, top - grow - 1), left - 1:right + 2].copy()
        below = scene[min(HEIGHT - 1, bottom + grow + 1),
                      left - 1:right + 2].copy()
        share = numpy.linspace(0, 1, bottom - top + 1 + 2 * grow)[:, None]
        part = scene[max(0, top - grow):bottom + grow + 1, left - 1:right + 2]
        fill = above * (1 - share) + below * share
        part[:] = fill[:part.shape[0], :part.shape[1]]
        return dark, bright

    def _lay(self, scene, plate, image, corners):
        matrix = warp.homography(plate.corners, corners)
        warp.paste(scene, image, plate.alpha, matrix)

    # Drawn vehicles

    def _background(self, night):
        random = self.random
        kind = random.random()
        if kind < 0.45:
            picture = random.choice(self.backgrounds)
            scale = random.uniform(WIDTH / picture.width, 1.2)
            scene = self._crop(
                picture,
                random.uniform(0, max(1, picture.width - WIDTH / scale)),
                random.uniform(0, max(1, picture.height - HEIGHT / scale)),
                scale, scale)
        elif kind < 0.75:
            # the upper half of a street: no plates hang there
            picture = self.real[random.choice(self.names)]
            scale = random.uniform(0.55, 1.5)
            scene = self._crop(
                picture,
                random.uniform(0, max(1, picture.width - WIDTH / scale)),
                random.uniform(-20, max(
                    1, picture.height * 0.42 - HEIGHT / scale)),
                scale, scale)
            scene[scene == 128] = random.uniform(0, 255)
        else:
            scene = numpy.full((HEIGHT, WIDTH), random.uniform(10, 245),
                               numpy.float32)
            scene *= 1 + 0.5 * plates.smooth_field(
                scene.shape, (random.randint(2, 10), random.randint(2, 10)),
                random)
        if random.random() < 0.5:
            # a road
            horizon = int(HEIGHT * random.uniform(0.2, 0.8))
            scene[horizon:] = (random.uniform(20, 180)
                               + random.uniform(2, 12) * plates.smooth_field(
                                   (HEIGHT - horizon, WIDTH), (20, 40),
                                   random))
        if night:
            scene *= random.uniform(0.05, 0.4)
        return scene

    def _vehicle_scene(self, night):
        random = self.random
        scene, labels = self._background(night), []
        for _ in range(random.choice([1, 1, 1, 2, 3])):
            self._add_vehicle(scene, labels, night)
        return scene, labels

    def _add_vehicle(self, scene, labels, night):
        random = self.random
        pool = self.night_vehicles if night else self.day_vehicles
        vehicle = pool.take()
        mount = vehicle.mount
        scale = self._width() / (mount[2] - mount[0])
        size = vehicle.image.shape[1] * scale, vehicle.image.shape[0] * scale
        yaw, pitch, roll = self._angles()
        outline = warp.turned_rectangle(*size, yaw * 0.7, pitch * 0.5,
                                        roll * 0.4, random.uniform(1.5, 8))
        # somewhere with the mount in sight, mostly
        middle = numpy.array([(mount[0] + mount[2]) / 2,
                              (mount[1] + mount[3]) / 2]) * scale
        middle -= (size[0] / 2, size[1] / 2)
        place = numpy.array([random.uniform(0.05, 0.95) * WIDTH,
                             random.uniform(0.08, 0.95) * HEIGHT])
        outline += place - middle
        height, width = vehicle.image.shape
        matrix = warp.homography([(0, 0), (width, 0), (width, height),
                                  (0, height)], outline)
        target = warp.project(matrix, [
            (mount[0], mount[1]), (mount[2], mount[1]), (mount[2], mount[3]),
            (mount[0], mount[3])])
        low, high = outline.min(0), outline.max(0)
        if self._overlaps((*low, *high), labels):
            return
        warp.paste(scene, vehicle.image, vehicle.alpha, matrix)
        if random.random() < 0.93:
            self._mount_plate(scene, labels, vehicle, matrix, target, night)

    def _mount_plate(self, scene, labels, vehicle, matrix, target, night):
        random = self.random
        infrared = night and random.random() < 0.6
        pool = self.infrared_plates if infrared else self.day_plates
        plate = pool.take()
        for _ in range(6):
            if (plate.aspect < 2.6) == vehicle.square:
                break
            plate = pool.take()
        left, top, right, bottom = vehicle.mount
        middle = (left + right) / 2, (top + bottom) / 2
        wide = min(right - left, (bottom - top) * plate.aspect) * \
            random.uniform(0.92, 1.05)
        high = wide / plate.aspect
        lean = math.radians(random.gauss(0, 1.5))
        around = numpy.array([(-wide / 2, -high / 2), (wide / 2, -high / 2),
                              (wide / 2, high / 2), (-wide / 2, high / 2)])
        turn = numpy.array([[math.cos(lean), math.sin(lean)],
                            [-math.sin(lean), math.cos(lean)]])
        corners = warp.project(matrix, around @ turn + middle)
        image = plate.image
        if night and not infrared:
            image = (image * random.uniform(0.25, 0.9)).astype(numpy.uint8)
        elif random.random() < 0.4:
            image = (image * random.uniform(0.45, 1)).astype(numpy.uint8)
        self._lay(scene, plate, image, corners)
        labels.append(self._label(corners))

    # Plates anywhere

    def _loose_scene(self, night):
        random = self.random
        scene, labels = self._background(night), []
        for _ in range(random.choice([0, 0, 1, 1, 2, 3, 5])):
            plate = (self.infrared_plates if night else
                     self.day_plates).take()
            width = self._width()
            corners = warp.turned_rectangle(
                width, width / plate.aspect, *self._angles(),
                random.uniform(1.5, 8))
            corners *= width / numpy.ptp(corners[:, 0])
            corners += (random.uniform(0.1, 0.9) * WIDTH,
                        random.uniform(0.1, 0.9) * HEIGHT)
            if self._overlaps((*corners.min(0), *corners.max(0)), labels):
                continue
            self._lay(scene, plate, plate.image, corners)
            labels.append(self._label(corners))
        return scene, labels

    # What is none

    def _add_boards(self, scene, labels):
        random = self.random
        for _ in range(random.choice([1, 2, 2, 3, 4])):
            image, alpha = self.boards.take()
            width = math.exp(random.uniform(math.log(10), math.log(230)))
            height = width * image.shape[0] / image.shape[1]
            if height > HEIGHT or height < 2:
                continue
            corners = warp.turned_rectangle(width, height, *self._angles(),
                                            random.uniform(1.5, 8))
            corners += (random.uniform(0, WIDTH), random.uniform(0, HEIGHT))
            if self._overlaps((*corners.min(0), *corners.max(0)), labels):
                continue
            if random.random() < 0.6:
                image = (image * random.uniform(0.2, 1)).astype(numpy.uint8)
            matrix = warp.homography(
                [(0, 0), (image.shape[1], 0), image.shape[::-1],
                 (0, image.shape[0])], corners)
            warp.paste(scene, image, alpha, matrix)

    def _hide_part(self, scene, labels):
        """Something stands before a part of a plate; if before much, it is
        to be ignored."""
        random = self.random
        for row in labels:
            if row[0] == IGNORE or random.random() < 0.5:
                continue
            left, top, right, bottom = row[1:5]
            share = random.uniform(0.05, 0.5)
            wide = (right - left) * share
            x = left - 3 if random.random() < 0.5 else right + 3 - wide
            box = [int(max(0, v)) for v in (x, top - 6, x + wide, bottom + 9)]
            scene[box[1]:box[3], box[0]:box[2]] = random.uniform(0, 230)
            if share > 0.25:
                row[0] = IGNORE
