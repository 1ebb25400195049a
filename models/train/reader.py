#!/usr/bin/env python3
# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains the plate reader from nothing, or goes on where it stopped.

    models/train/materials FOLDER
    models/train/reader.py --real DATA/train --materials FOLDER \\
        --work FOLDER --model models/reader.anprnet

Order: plate pictures are made by other processes (shards.py), easy ones first;
this one trains on them. Of the real pictures only surroundings are used, no
plate's text. A checkpoint is kept each five hundred steps; the averaged weights
are what is written to the model file.
"""

import argparse
import collections
import math
import os
import random
import sys
import time

import numpy
import torch

import modelfile
import readernetwork
from scenes import platepicture
import shards as shard_files

BATCH = 96
USES = 2                     # how often a picture is seen
WINDOW = 6                   # shards drawn from at a time
STEPS_A_SHARD = shard_files.PictureShards.SIZE * USES // BATCH
WARM_UP = 400
RATE, LAST_RATE = 2e-3, 1e-5
AVERAGE = 0.9993
KEPT_EACH = 500


def learning_rate(step, steps):
    if step < WARM_UP:
        return RATE * (step + 1) / WARM_UP
    share = min(1, (step - WARM_UP) / max(1, steps - WARM_UP))
    return LAST_RATE + (RATE - LAST_RATE) * (1 + math.cos(math.pi * share)) / 2


class Training:
    def __init__(self, options):
        self.options = options
        self.steps = options.images // BATCH
        self.shards = shard_files.PictureShards(
            options.real, options.materials, options.work)
        torch.manual_seed(1)
        self.model = readernetwork.Reader().to(
            memory_format=torch.channels_last)
        self.average = readernetwork.Reader()
        self.average.load_state_dict(self.model.state_dict())
        self.average.eval()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), RATE,
                                           weight_decay=0.01)
        self.step, self.sum, self.since = 0, 0.0, time.time()
        self.checkpoint = os.path.join(options.work, 'checkpoint.pt')
        if os.path.exists(self.checkpoint):
            self._resume()

    def _resume(self):
        state = torch.load(self.checkpoint)
        self.model.load_state_dict(state['model'])
        self.optimizer.load_state_dict(state['optimizer'])
        self.average.load_state_dict(state['average'])
        self.step = state['step']
        print('resumed at step %d' % self.step, flush=True)

    def save(self):
        part = self.checkpoint + '.part'
        torch.save({'model': self.model.state_dict(),
                    'optimizer': self.optimizer.state_dict(),
                    'average': self.average.state_dict(),
                    'step': self.step}, part)
        os.replace(part, self.checkpoint)
        modelfile.write_model(
            self.options.model, 'reader',
            (platepicture.WIDTH, platepicture.HEIGHT), 1, 40,
            readernetwork.LABELS, readernetwork.layers(self.average),
            'reader %s images %d' % (self.options.name, self.step * BATCH))

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
            reached.value = newest
            window.append(self.shards.load(newest))
            self.shards.forget(newest - WINDOW)
            newest += 1
            while self.step < min(newest * STEPS_A_SHARD, self.steps):
                self._train_step(window)
        self.save()

    def _batch(self, window):
        choice = random.Random(self.step)
        picks = [(choice.randrange(len(window)),
                  choice.randrange(shard_files.PictureShards.SIZE))
                 for _ in range(BATCH)]
        pictures = numpy.stack([window[s][0][i] for s, i in picks])
        texts = [readernetwork.encode(str(window[s][1][i])) for s, i in picks]
        return readernetwork.normalised(torch.from_numpy(pictures)).to(
            memory_format=torch.channels_last), texts

    def _train_step(self, window):
        pictures, texts = self._batch(window)
        rate = learning_rate(self.step, self.steps)
        for group in self.optimizer.param_groups:
            group['lr'] = rate
        with torch.autocast('cpu', torch.bfloat16,
                            enabled=not self.options.full_precision):
            raw = self.model(pictures)
        loss = readernetwork.loss(raw, texts)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10)
        self.optimizer.step()
        self._average()
        self.step += 1
        self._report(loss.item(), rate)
        if self.step % KEPT_EACH == 0:
            self.save()

    def _average(self):
        keep = min(AVERAGE, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for mine, its in zip(self.average.state_dict().values(),
                                 self.model.state_dict().values()):
                if mine.dtype.is_floating_point:
                    mine.mul_(keep).add_(its, alpha=1 - keep)

    def _report(self, loss, rate):
        self.sum += loss
        if self.step % 100 == 0:
            print('step %d/%d loss %.3f rate %.5f, %.2f ms an image' % (
                self.step, self.steps, self.sum / 100, rate,
                (time.time() - self.since) * 10 / BATCH), flush=True)
            self.sum, self.since = 0.0, time.time()


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
    parser.add_argument('--images', type=int, default=1_500_000, metavar='N',
                        help='images to train on (default: 1500000)')
    parser.add_argument('--processes', type=int, default=1, metavar='N',
                        help='that make pictures (default: 1)')
    parser.add_argument('--name', default='1', help='of this training')
    parser.add_argument('--full-precision', action='store_true',
                        help='no bfloat16: for processors without it')
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    torch.set_num_threads(1)
    Training(options).run()


if __name__ == '__main__':
    sys.exit(main())
