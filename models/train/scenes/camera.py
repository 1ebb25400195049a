# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What light, weather, lens, sensor and coding do to a scene."""

import io

import numpy
from PIL import Image, ImageFilter

from .plates import smooth_field


def _glare(scene, random, count, strength):
    """Lamps: a core burnt out and a wide halo."""
    height, width = scene.shape
    y, x = numpy.ogrid[:height, :width]
    for _ in range(count):
        at = random.uniform(0, width), random.uniform(0.2, 1) * height
        far = (x - at[0]) ** 2 + (y - at[1]) ** 2
        core = random.uniform(2, 14)
        scene += 400 * strength * numpy.exp(-far / (2 * core ** 2))
        scene += random.uniform(10, 90) * strength * numpy.exp(
            -numpy.sqrt(far) / (core * random.uniform(2, 6)))


def _rain(scene, random):
    height, width = scene.shape
    lean = random.randint(-3, 3)
    for _ in range(random.randint(20, 160)):
        x, y = random.randrange(width), random.randrange(height)
        long = random.randint(3, 14)
        for step in range(long):
            row, column = y + step, x + lean * step // long
            if row < height and 0 <= column < width:
                scene[row, column] += random.uniform(10, 50)


def _motion_blur(image, random, most):
    """Along a line, by averaging shifted copies."""
    length = random.uniform(1, most)
    angle = random.choice([0, 0, 1.57, random.uniform(0, 3.14)])
    steps = int(length) + 2
    total = numpy.zeros_like(image)
    for step in range(steps):
        shift = (step / (steps - 1) - 0.5) * length
        total += numpy.roll(image, (round(shift * numpy.sin(angle)),
                                    round(shift * numpy.cos(angle))), (0, 1))
    return total / steps


def _coded(image, random):
    """JPEG, or a coarser imitation of a video coder: coded at a lower
    resolution, so that its blocks have other sizes."""
    picture = Image.fromarray(image)
    size = picture.size
    quality = int(random.choice([random.uniform(12, 40),
                                 random.uniform(40, 95)]))
    scale = random.choice([1, 1, 1, 0.8, 1.5, 2])
    if scale != 1:
        picture = picture.resize((int(size[0] * scale), int(size[1] * scale)),
                                 Image.BILINEAR)
    data = io.BytesIO()
    picture.save(data, 'JPEG', quality=quality)
    picture = Image.open(data)
    picture.load()
    return numpy.asarray(picture.resize(size, Image.BILINEAR)
                         if scale != 1 else picture)


def degrade(scene, random, smallest, night, glare=None):
    """One camera's picture of a scene.

    scene: float32, 0..255; smallest: width in pixels of the smallest plate,
    whose signs must survive; night: dark, lamps lit; glare: share of scenes
    with lamps in view, by default as it is by day or night. Returns uint8.
    """
    if glare is None:
        glare = 0.6 if night else 0.12
    if random.random() < glare:
        _glare(scene, random, random.randint(1, 5), random.uniform(0.3, 1))
    if random.random() < 0.08:
        _rain(scene, random)
    if random.random() < 0.2:
        scene = scene * (1 + random.uniform(0.1, 0.5)
                         * smooth_field(scene.shape, (3, 4), random))
    if random.random() < 0.12:
        # haze, or a wet lens
        veil = random.uniform(0.1, 0.5)
        scene = scene * (1 - veil) + random.uniform(80, 230) * veil
    image = numpy.clip(scene, 0, 255)
    most = min(1.5, max(0.35, smallest * 0.025))
    if random.random() < 0.55:
        radius = random.uniform(0.2, most)
        image = numpy.asarray(Image.fromarray(image.astype(numpy.uint8)).filter(
            ImageFilter.GaussianBlur(radius)), numpy.float32)
    if random.random() < 0.15:
        image = _motion_blur(image, random, max(1.5, smallest * 0.07))
    gamma = numpy.exp(random.gauss(0, 0.3))
    image = 255 * (numpy.clip(image, 0, 255) / 255) ** gamma
    gain = random.uniform(0.5, 1.25) if random.random() < 0.6 else 1
    image = image * gain + random.uniform(-25, 40) * (random.random() < 0.5)
    if random.random() < 0.7:
        noise = numpy.random.default_rng(random.getrandbits(32))
        image = image + noise.standard_normal(image.shape,
                                              numpy.float32) \
            * random.uniform(0.5, 9 if smallest > 20 else 5)
    image = numpy.clip(image, 0, 255).astype(numpy.uint8)
    if random.random() < 0.1:
        # sharpened by the camera
        image = numpy.asarray(Image.fromarray(image).filter(
            ImageFilter.UnsharpMask(1, random.randint(50, 200), 0)))
    if random.random() < 0.6:
        image = _coded(image, random)
    return image
