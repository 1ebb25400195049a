# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Training pictures made ahead by other processes, the same ones every time.

They come in numbered shards; shard n is made from seed n alone, whoever makes
it, so a training run sees the same pictures however many processes there are
and wherever it is resumed. A shard is a file; it is deleted when no longer
used.
"""

import json
import multiprocessing
import os
import random
import time

import numpy

from scenes import fonts, platepicture, scene

AHEAD = 6
# Of the detector: from this shard on, plates found in the real pictures that
# nobody annotated are known (ignored.json) and no longer taught as background
FIRST_RELABELLED = 24


class Shards:
    """real: folder of real pictures; materials: folder that `materials` has
    filled; work: folder for the shards."""

    def __init__(self, real, materials, work):
        self.real, self.materials, self.work = real, materials, work
        self.maker = None

    def _new_maker(self, kind, *more):
        return kind(fonts.Fonts(os.path.join(self.materials, 'fonts')),
                    self.real, os.path.join(self.materials, 'pictures'),
                    random.Random(), *more)

    def path(self, number):
        return os.path.join(self.work, 'shard-%05d.npz' % number)

    def make(self, number):
        """Makes a shard's file."""
        self.ready_maker(number)
        # pools begin anew, so that a shard depends on its number alone
        self.maker.empty_pools()
        self.maker.random.seed(number)
        part = self.path(number) + '.part.npz'
        numpy.savez(part, **self.arrays())
        os.replace(part, self.path(number))

    def load(self, number):
        """Waits for a shard; returns its arrays, images first."""
        while not os.path.exists(self.path(number)):
            time.sleep(0.5)
        with numpy.load(self.path(number)) as file:
            return [file[name] for name in file.files]

    def forget(self, number):
        if os.path.exists(self.path(number)):
            os.remove(self.path(number))


class SceneShards(Shards):
    """The detector's: images and their labels."""
    SIZE = 2000

    def __init__(self, *folders):
        super().__init__(*folders)
        self.relabelled = False

    @property
    def ignored_path(self):
        return os.path.join(self.work, 'ignored.json')

    def ready_maker(self, number):
        relabel = number >= FIRST_RELABELLED
        if self.maker is not None and relabel == self.relabelled:
            return
        ignored, self.relabelled = None, relabel
        if relabel:
            while not os.path.exists(self.ignored_path):
                time.sleep(1)
            with open(self.ignored_path, encoding='utf8') as file:
                ignored = json.load(file)
        self.maker = self._new_maker(scene.SceneMaker, ignored)

    def arrays(self):
        images = numpy.empty((self.SIZE, scene.HEIGHT, scene.WIDTH),
                             numpy.uint8)
        labels = numpy.zeros((self.SIZE, scene.MAX_LABELS, scene.LABEL_SIZE),
                             numpy.float32)
        for index in range(self.SIZE):
            images[index], rows = self.maker.make()
            labels[index, :len(rows)] = rows
        return {'images': images, 'labels': labels}


class PictureShards(Shards):
    """The readers': plate pictures and their texts, easy ones in the first
    EASY shards."""
    SIZE = 4000
    EASY = 15

    def ready_maker(self, number):
        if self.maker is None:
            self.maker = self._new_maker(platepicture.PictureMaker)
        self.maker.ease = min(1.0, 0.15 + 0.85 * number / self.EASY)

    def arrays(self):
        made = [self.maker.make() for _ in range(self.SIZE)]
        return {'images': numpy.stack([image for image, _ in made]),
                'texts': numpy.array([text for _, text in made])}


def _produce(shards, first, step, reached):
    number = first
    while True:
        while number > reached.value + AHEAD:
            time.sleep(0.5)
        if not os.path.exists(shards.path(number)):
            shards.make(number)
        number += step


def start_producers(shards, count, first):
    """Starts processes that make shards from `first` on, as far ahead of the
    returned value (the shard in use) as AHEAD; they end with this process."""
    reached = multiprocessing.Value('q', first)
    for index in range(count):
        multiprocessing.Process(
            target=_produce, args=(shards, first + index, count, reached),
            daemon=True).start()
    return reached
