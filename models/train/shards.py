# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Scenes made ahead by other processes, the same ones every time.

Scenes come in numbered shards; shard n is made from seed n alone, whoever makes
it, so a training run sees the same scenes however many processes there are and
wherever it is resumed. A shard is a file; it is deleted when no longer used.
From shard FIRST_RELABELLED on, plates found in the real pictures that nobody
annotated are known (ignored.json) and no longer taught as background.
"""

import json
import multiprocessing
import os
import random
import time

import numpy

from scenes import fonts, scene

SCENES = 2000
FIRST_RELABELLED = 24
AHEAD = 6


class Shards:
    """real: folder of real pictures; materials: folder that `materials` has
    filled; work: folder for the shards."""

    def __init__(self, real, materials, work):
        self.real, self.materials, self.work = real, materials, work

    def path(self, number):
        return os.path.join(self.work, 'shard-%05d.npz' % number)

    @property
    def ignored_path(self):
        return os.path.join(self.work, 'ignored.json')

    def maker(self, number):
        ignored = None
        if number >= FIRST_RELABELLED:
            while not os.path.exists(self.ignored_path):
                time.sleep(1)
            with open(self.ignored_path, encoding='utf8') as file:
                ignored = json.load(file)
        return scene.SceneMaker(
            fonts.Fonts(os.path.join(self.materials, 'fonts')), self.real,
            os.path.join(self.materials, 'pictures'), random.Random(number),
            ignored)

    def make(self, number, maker=None):
        """Makes a shard's file, by itself or with an earlier maker."""
        maker = maker or self.maker(number)
        maker.random.seed(number)
        images = numpy.empty((SCENES, scene.HEIGHT, scene.WIDTH), numpy.uint8)
        labels = numpy.zeros((SCENES, scene.MAX_LABELS, scene.LABEL_SIZE),
                             numpy.float32)
        for index in range(SCENES):
            images[index], rows = maker.make()
            labels[index, :len(rows)] = rows
        part = self.path(number) + '.part.npz'
        numpy.savez(part, images=images, labels=labels)
        os.replace(part, self.path(number))

    def load(self, number):
        """Waits for a shard; returns images and labels."""
        while not os.path.exists(self.path(number)):
            time.sleep(0.5)
        with numpy.load(self.path(number)) as file:
            return file['images'], file['labels']

    def forget(self, number):
        if os.path.exists(self.path(number)):
            os.remove(self.path(number))


def _produce(shards, first, step, reached):
    maker, relabelled = None, False
    number = first
    while True:
        while number > reached.value + AHEAD:
            time.sleep(0.5)
        if maker is None or (number >= FIRST_RELABELLED and not relabelled):
            maker = shards.maker(number)
            relabelled = number >= FIRST_RELABELLED
        # pools begin anew, so that a shard depends on its number alone
        maker.empty_pools()
        if not os.path.exists(shards.path(number)):
            shards.make(number, maker)
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
