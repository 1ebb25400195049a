#!/usr/bin/env python3
# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains the plate detector from nothing, or goes on where it stopped.

    models/train/materials FOLDER
    models/train/detector.py --real DATA/train --materials FOLDER \\
        --work FOLDER --model models/detector.anprnet

Order: scenes are made by other processes (shards.py); this one trains on them.
After RELABEL_AFTER images the plates of the real pictures that nobody annotated
are looked for once, to be ignored from then on. A checkpoint is kept each
thousand steps; the averaged weights are what is written to the model file.
"""

import argparse
import collections
import json
import math
import os
import random
import sys
import time

import numpy
import torch

import modelfile
import network
from scenes import scene
import shards as shard_files

BATCH = 32
USES = 4                     # how often a scene is seen
WINDOW = 8                   # shards drawn from at a time
STEPS_A_SHARD = shard_files.SceneShards.SIZE * USES // BATCH
WARM_UP = 400
RATE, LAST_RATE = 3e-3, 2e-5
AVERAGE = 0.9990
RELABEL_SCORE = 0.4


def learning_rate(step, steps):
    if step < WARM_UP:
        return RATE * (step + 1) / WARM_UP
    share = min(1, (step - WARM_UP) / max(1, steps - WARM_UP))
    return LAST_RATE + (RATE - LAST_RATE) * (1 + math.cos(math.pi * share)) / 2


def prepare(images, labels):
    """A batch as the network takes it, and the truth of its cells."""
    pictures = torch.from_numpy(images.astype(numpy.float32))[:, None]
    pictures = (pictures - 128) / 128
    made = [network.targets(rows[rows[:, 0] > 0], scene.HEIGHT // 8,
                            scene.WIDTH // 8) for rows in labels]
    state = torch.from_numpy(numpy.stack([one[0] for one in made]))
    truth = torch.from_numpy(numpy.stack([one[1] for one in made]))
    return (pictures.to(memory_format=torch.channels_last), state, truth)


class Average:
    """Weights averaged over the steps; what is measured and kept."""

    def __init__(self, model):
        self.model = network.Detector()
        self.model.load_state_dict(model.state_dict())
        self.model.eval()

    def update(self, model, step):
        keep = min(AVERAGE, (step + 1) / (step + 10))
        with torch.no_grad():
            for mine, its in zip(self.model.state_dict().values(),
                                 model.state_dict().values()):
                if mine.dtype.is_floating_point:
                    mine.mul_(keep).add_(its, alpha=1 - keep)


# Looking at whole pictures

def detect(model, picture, widths=(1280, 640, 320), threshold=0.4):
    """Plates of a PIL picture, seen at several widths; boxes left, top, right,
    bottom and scores, best first, overlapping ones removed."""
    found = []
    for width in widths:
        scale = width / picture.width
        size = [max(16, round(side * scale / 16) * 16)
                for side in picture.size]
        small = numpy.asarray(picture.resize(size, 2, reducing_gap=2.0),
                              numpy.float32)
        with torch.no_grad():
            raw = model(torch.from_numpy((small - 128) / 128)[None, None])
        score, boxes, _ = network.decode(raw)
        score = torch.sigmoid(score)[0]
        for row, column in (score > threshold).nonzero():
            x, y, w, h = boxes[0, row, column].tolist()
            if w > 120:
                continue
            fx, fy = picture.width / size[0], picture.height / size[1]
            found.append((score[row, column].item(), (
                (x - w / 2) * fx, (y - h / 2) * fy, (x + w / 2) * fx,
                (y + h / 2) * fy)))
    kept = []
    for one in sorted(found, reverse=True):
        if all(overlap(one[1], other[1]) < 0.3 for other in kept):
            kept.append(one)
    return kept


def overlap(one, other):
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0
    both = width * height
    area = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (one, other))
    return both / (area - both)


def find_unannotated(model, shards):
    """Writes what looks like a plate in the real pictures and has no box."""
    boxes = scene.read_boxes(os.path.join(shards.real, 'boxes.tsv'))
    ignored = {}
    for name, annotated in boxes.items():
        picture = scene.load_luma(os.path.join(shards.real, name))
        extra = [box for _, box in detect(model, picture,
                                          threshold=RELABEL_SCORE)
                 if all(overlap(box, one) < 0.1 for one in annotated)]
        if extra:
            ignored[name] = extra
    part = shards.ignored_path + '.part'
    with open(part, 'w', encoding='utf8') as file:
        json.dump(ignored, file)
    os.replace(part, shards.ignored_path)
    return sum(len(extra) for extra in ignored.values())


# Training

class Training:
    def __init__(self, options):
        self.options = options
        self.steps = options.images // BATCH
        self.shards = shard_files.SceneShards(options.real, options.materials,
                                         options.work)
        torch.manual_seed(1)
        self.model = network.Detector().to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), RATE,
                                           weight_decay=0.01)
        self.average = Average(self.model)
        self.step = 0
        self.checkpoint = os.path.join(options.work, 'checkpoint.pt')
        if os.path.exists(self.checkpoint):
            self._resume()

    def _resume(self):
        state = torch.load(self.checkpoint)
        self.model.load_state_dict(state['model'])
        self.optimizer.load_state_dict(state['optimizer'])
        self.average.model.load_state_dict(state['average'])
        self.step = state['step']
        print('resumed at step %d' % self.step, flush=True)

    def save(self):
        part = self.checkpoint + '.part'
        torch.save({'model': self.model.state_dict(),
                    'optimizer': self.optimizer.state_dict(),
                    'average': self.average.model.state_dict(),
                    'step': self.step}, part)
        os.replace(part, self.checkpoint)
        write_model(self.average.model, self.options, self.step)

    def run(self):
        newest = self.step // STEPS_A_SHARD
        first = max(0, newest - WINDOW + 1)
        reached = shard_files.start_producers(
            self.shards, self.options.processes, first)
        window = collections.deque(maxlen=WINDOW)
        for number in range(first, newest):
            reached.value = number
            window.append(self.shards.load(number))
        self.model.train()
        while self.step < self.steps:
            self._train_shard(newest, window, reached)
            newest += 1
        self.save()

    def _train_shard(self, newest, window, reached):
        relabel = shard_files.FIRST_RELABELLED
        if (newest + shard_files.AHEAD + 1 >= relabel
                and not os.path.exists(self.shards.ignored_path)):
            print('%d plates without a box' % find_unannotated(
                self.average.model, self.shards), flush=True)
        reached.value = newest
        window.append(self.shards.load(newest))
        if newest >= WINDOW:
            self.shards.forget(newest - WINDOW)
        while (self.step < min((newest + 1) * STEPS_A_SHARD, self.steps)):
            self._train_step(window)

    def _train_step(self, window):
        choice = random.Random(self.step)
        picks = [(choice.randrange(len(window)),
                  choice.randrange(shard_files.SceneShards.SIZE))
                 for _ in range(BATCH)]
        pictures, state, truth = prepare(
            numpy.stack([window[s][0][i] for s, i in picks]),
            [window[s][1][i] for s, i in picks])
        rate = learning_rate(self.step, self.steps)
        for group in self.optimizer.param_groups:
            group['lr'] = rate
        with torch.autocast('cpu', torch.bfloat16,
                            enabled=not self.options.full_precision):
            raw = self.model(pictures)
        total, parts = network.loss(raw, state, truth)
        self.optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10)
        self.optimizer.step()
        self.average.update(self.model, self.step)
        self._report(parts, rate)
        self.step += 1
        if self.step % 1000 == 0:
            self.save()

    def _report(self, parts, rate):
        if not hasattr(self, 'sums'):
            self.sums, self.since = numpy.zeros(3), time.time()
        self.sums += parts
        if (self.step + 1) % 200 == 0:
            print('step %d/%d score %.3f box %.3f corner %.4f rate %.5f, '
                  '%.1f ms an image' % (
                      self.step + 1, self.steps, *(self.sums / 200), rate,
                      (time.time() - self.since) * 1000 / 200 / BATCH),
                  flush=True)
            self.sums, self.since = numpy.zeros(3), time.time()


def write_model(model, options, step):
    modelfile.write_model(
        options.model, 'detector', (scene.WIDTH, scene.HEIGHT), 1, 16,
        ['plate'], network.layers(model),
        'detector %s images %d' % (options.name, step * BATCH))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--real', required=True, metavar='FOLDER',
                        help='real pictures and their boxes.tsv')
    parser.add_argument('--materials', required=True, metavar='FOLDER',
                        help='typefaces and backgrounds')
    parser.add_argument('--work', required=True, metavar='FOLDER',
                        help='shards, checkpoint; some GB')
    parser.add_argument('--model', required=True, metavar='FILE',
                        help='the model file to write')
    parser.add_argument('--images', type=int, default=900_000, metavar='N',
                        help='images to train on (default: 900000)')
    parser.add_argument('--processes', type=int, default=1, metavar='N',
                        help='that make scenes (default: 1)')
    parser.add_argument('--name', default='1', help='of this training')
    parser.add_argument('--full-precision', action='store_true',
                        help='no bfloat16: for processors without it')
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    torch.set_num_threads(1)
    Training(options).run()


if __name__ == '__main__':
    sys.exit(main())
