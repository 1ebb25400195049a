#!/usr/bin/env python3
# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a reader whose weights are the mean of two stages of one training.

    models/train/average.py EARLIER.pt LATER.pt --share 0.65 \\
        --model models/reader.anprnet

A training that goes on with other kinds of pictures learns these and forgets
a little of the others; the mean lies between both minima, in one valley, and is
better than either (Wortsman et al., "Model soups", ICML 2022). The files are
checkpoints of reader.py; keep a copy of one before going on.
"""

import argparse
import sys

import torch

import modelfile
import reader
import readernetwork
from scenes import platepicture


def mean(earlier, later, share):
    return {name: (value * (1 - share) + later[name] * share
                   if value.dtype.is_floating_point else later[name])
            for name, value in earlier.items()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('earlier', metavar='EARLIER.pt')
    parser.add_argument('later', metavar='LATER.pt')
    parser.add_argument('--share', type=float, default=0.5, metavar='0..1',
                        help='of the later one (default: 0.5)')
    parser.add_argument('--model', required=True, metavar='FILE',
                        help='the model file to write')
    parser.add_argument('--name', default='1', help='of this training')
    options = parser.parse_args()
    earlier, later = (torch.load(path) for path in
                      (options.earlier, options.later))
    network = readernetwork.Reader()
    network.load_state_dict(
        mean(earlier['average'], later['average'], options.share))
    network.eval()
    modelfile.write_model(
        options.model, 'reader', (platepicture.WIDTH, platepicture.HEIGHT), 1,
        40, readernetwork.LABELS, readernetwork.layers(network),
        'reader %s images %d' % (options.name, later['step'] * reader.BATCH))


if __name__ == '__main__':
    sys.exit(main())
