#!/usr/bin/env python3
# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds what the readers' probabilities are worth, and writes the calibrations.

    models/train/calibrate.py --real DATA/train --materials FOLDER \\
        --work FOLDER --anprctl build/appliance/anprctl --models models

Reads drawn plates that no training has seen, and the real pictures of DATA, as
their user would; fits the log-odds that a text is right to what the read says
(logistic regression); writes
MODELS/reader.calibration and plate.calibration. How the numbers are used:
plugins/plateocr/confidence.c.
"""

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys

import numpy

from scenes import fonts, platepicture

ENGINES = {'ctc': ('reader.anprnet', 'reader.calibration'),
           'tesseract': ('plate.traineddata', 'plate.calibration')}
SEED = 'calibration'
# The reads are made with this scale, so that the rounding of what is printed
# does not matter and no text falls below the least confidence
PROBE_SCALE = 0.3
LEAST, MOST_MARGIN = 1e-6, 8
HEIGHTS, USUAL_HEIGHT = (6, 40), 20
ASK_BELOW = 0.9             # as plugins/plateocr/platereader.c
KEYS = ('offset', 'scale', 'margin', 'height', 'two-lines')


def key(text):
    return ''.join(sign for sign in (text or '').upper() if sign.isalnum())


def draw(options, count):
    """Drawn plates as files; returns {path: text}."""
    folder = os.path.join(options.work, 'drawn')
    listed = os.path.join(folder, 'texts.json')
    if os.path.exists(listed):
        with open(listed, encoding='utf8') as file:
            return json.load(file)
    os.makedirs(folder, exist_ok=True)
    maker = platepicture.PictureMaker(
        fonts.Fonts(os.path.join(options.materials, 'fonts')), options.real,
        os.path.join(options.materials, 'pictures'), random.Random(SEED))
    texts = {}
    for number in range(count):
        picture, box, _, text = maker.look((0, 0))
        path = os.path.join(folder, '%05d.png' % number)
        picture.crop([round(side) for side in box]).save(path)
        texts[path] = key(text)
    with open(listed, 'w', encoding='utf8') as file:
        json.dump(texts, file)
    return texts


def read(options, engine, paths, *flags):
    """What anprctl reads with an engine whose probabilities are taken as they
    are but for PROBE_SCALE."""
    probe = os.path.join(options.work, 'probe')
    os.makedirs(probe, exist_ok=True)
    for name in ('detector.anprnet', *(model for model, _ in
                                       ENGINES.values())):
        if os.path.exists(os.path.join(options.models, name)):
            shutil.copy(os.path.join(options.models, name), probe)
    for _, calibration in ENGINES.values():
        with open(os.path.join(probe, calibration), 'w',
                  encoding='utf8') as file:
            file.write('[calibration]\nscale=%g\n' % PROBE_SCALE)
    lines = []
    for at in range(0, len(paths), 500):
        done = subprocess.run(
            [options.anprctl, 'read', '--engine', engine, *flags,
             *paths[at:at + 500]], capture_output=True, check=False,
            env=dict(os.environ, ANPR_MODELS=probe))
        if not done.stdout:
            sys.exit('%s read nothing: %s' % (options.anprctl, done.stderr
                                              .decode()[:300]))
        lines += [json.loads(line) for line in done.stdout.splitlines()]
    return lines


def overlap(one, other):
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0
    return width * height / (one[2] * one[3] + other[2] * other[3]
                             - width * height)


def real_truth(options):
    """{path: [(box, text)]} of the real pictures' fully known plates."""
    truth = {}
    with open(os.path.join(options.real, 'boxes.tsv'), encoding='utf8',
              newline='') as file:
        for row in csv.DictReader(file, delimiter='\t',
                                  quoting=csv.QUOTE_NONE):
            if row['text'] and '?' not in row['text']:
                truth.setdefault(os.path.join(options.real, row['path']),
                                 []).append(([float(row[side]) for side in
                                              'xywh'], row['text']))
    return truth


def log_odds(p):
    p = numpy.clip(p, LEAST, 1 - LEAST)
    return numpy.log(p / (1 - p))


def features(line):
    """What confidence.c takes of a read, in the order of KEYS."""
    told = log_odds(line['confidence'])
    odds = float(numpy.clip(told / PROBE_SCALE, log_odds(LEAST),
                            -log_odds(LEAST)))
    p = 1 / (1 + numpy.exp(-odds))
    others = [other['confidence'] for other in line['candidates'][1:2]]
    rest = max(1 - line['confidence'], 1e-9)
    following = max(others[0] / rest * (1 - p) if others else 0, LEAST)
    margin = float(numpy.clip(numpy.log(p / following), 0, MOST_MARGIN))
    two = line['w'] < 2.2 * line['h']
    height = numpy.clip(line['h'] * (0.38 if two else 0.7), *HEIGHTS)
    return [1, odds, margin, float(numpy.log(height / USUAL_HEIGHT)),
            float(two)]


def collect(options, engine, drawn, truth):
    """Rows of features, whether right, weight, by what was read."""
    rows = {}
    for line in read(options, engine, list(drawn), '--cropped'):
        if line['text']:
            rows[line['file']] = (features(line), line['text']
                                  == drawn[line['file']], line['text'], 1.0)
    found = {}
    for line in read(options, engine, list(truth)):
        box = [line[side] for side in 'xywh']
        for at, (place, text) in enumerate(truth[line['file']]):
            if line['text'] and overlap(box, place) >= 0.3:
                found[line['file'], at] = (features(line), line['text']
                                           == text, line['text'])
    # the same few vehicles, again and again: not more than a fifth of the whole
    weight = min(1, len(rows) / 4 / max(1, len(found)))
    rows.update((name, (*row, weight)) for name, row in found.items())
    return rows


def fit(x, y, weights, start, free):
    """Logistic regression of the free numbers, by Newton's method with steps
    halved where they overshoot; a little drawn to start."""
    start = numpy.array(start, float)
    pull = 1e-3 * weights.sum()

    def chance(theta):
        return 1 / (1 + numpy.exp(-numpy.clip(x @ theta, -30, 30)))

    def cost(theta):
        p = chance(theta)
        return pull / 2 * ((theta - start) ** 2).sum() - (weights * (
            y * numpy.log(p) + (1 - y) * numpy.log(1 - p))).sum()

    theta = start.copy()
    for _ in range(50):
        p = chance(theta)
        slope = x.T @ (weights * (y - p)) - pull * (theta - start)
        curve = (x * (weights * p * (1 - p))[:, None]).T @ x \
            + pull * numpy.eye(len(theta))
        step = numpy.zeros(len(theta))
        step[free] = numpy.linalg.solve(curve[numpy.ix_(free, free)],
                                        slope[free])
        while cost(theta + step) > cost(theta) and abs(step).max() > 1e-9:
            step /= 2
        theta = theta + step
    return theta


def calibration_error(p, y, weights, bins=15):
    """Expected calibration error (Guo et al. 2017)."""
    place = numpy.minimum((p * bins).astype(int), bins - 1)
    return sum(abs((weights * (p - y))[place == b].sum())
               for b in range(bins)) / weights.sum()


def calibrate(rows):
    x, y, _, weights = (numpy.array(column, object) for column in
                        zip(*rows.values()))
    x = numpy.array(list(x), float)
    y, weights = y.astype(float), weights.astype(float)
    identity = numpy.array([0, 1, 0, 0, 0], float)
    free = numpy.arange(len(KEYS))
    theta = fit(x, y, weights, identity, free)
    # does it hold for others than it was fitted to
    half = numpy.random.default_rng(1).random(len(y)) < 0.5
    held = fit(x[half], y[half], weights[half], identity, free)
    for name, numbers in (('as it is', identity), ('held out', held)):
        p = 1 / (1 + numpy.exp(-numpy.clip(x[~half] @ numbers, -30, 30)))
        print('%s: calibration error %.4f, %.1f %% right, %d reads' % (
            name, calibration_error(p, y[~half], weights[~half]),
            100 * numpy.average(y[~half], weights=weights[~half]),
            len(p)))
    return theta


def second_opinion(rows, theta, others, asked):
    """What agreeing and differing adds to the log-odds, where asked."""
    moves = {}
    for name, same in (('agree', True), ('differ', False)):
        chosen = [file for file in rows if file in asked and (
            file in others and others[file][2] == rows[file][2]) == same]
        if len(chosen) < 20:
            moves[name] = 0.0
            continue
        x = numpy.array([rows[file][0] for file in chosen]) @ theta
        y = numpy.array([rows[file][1] for file in chosen], float)
        weights = numpy.array([rows[file][3] for file in chosen])
        moved = fit(numpy.c_[x, numpy.ones(len(x))], y, weights,
                    numpy.array([1.0, 0.0]), numpy.array([1]))
        moves[name] = moved[1]
        print('%s: %d asked, %.1f %% right' % (
            name, len(chosen), 100 * numpy.average(y, weights=weights)))
    return moves


def write(options, engine, theta, moves):
    path = os.path.join(options.models, ENGINES[engine][1])
    with open(path, 'w', encoding='utf8') as file:
        file.write('# What the probabilities of %s are worth; made by '
                   'models/train/calibrate.py\n[calibration]\n'
                   % ENGINES[engine][0])
        for name, number in (*zip(KEYS, theta), *moves.items()):
            file.write('%s=%.4f\n' % (name, number))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--real', required=True, metavar='FOLDER',
                        help='real pictures and their boxes.tsv')
    parser.add_argument('--materials', required=True, metavar='FOLDER',
                        help='typefaces and backgrounds')
    parser.add_argument('--work', required=True, metavar='FOLDER',
                        help='for drawn plates')
    parser.add_argument('--anprctl', required=True, metavar='PROGRAM')
    parser.add_argument('--models', required=True, metavar='FOLDER',
                        help='the models, and where to write')
    parser.add_argument('--count', type=int, default=3000, metavar='N',
                        help='plates to draw (default: 3000)')
    options = parser.parse_args()
    drawn, truth = draw(options, options.count), real_truth(options)
    rows, theta = {}, {}
    for engine, (model, _) in ENGINES.items():
        if os.path.exists(os.path.join(options.models, model)):
            print(engine)
            rows[engine] = collect(options, engine, drawn, truth)
            theta[engine] = calibrate(rows[engine])
    asked = {file for file, row in rows['ctc'].items()
             if 1 / (1 + numpy.exp(-numpy.dot(row[0], theta['ctc'])))
             < ASK_BELOW}
    for engine in rows:
        moves = {}
        if len(rows) == len(ENGINES):
            other = next(name for name in rows if name != engine)
            moves = second_opinion(rows[engine], theta[engine], rows[other],
                                   asked)
        write(options, engine, theta[engine], moves)


if __name__ == '__main__':
    sys.exit(main())
