#!/usr/bin/env python3
# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains Tesseract's LSTM for plates from nothing.

    models/train/materials FOLDER
    models/train/tesseract.py --real DATA/train --materials FOLDER \\
        --work FOLDER --model models/plate.traineddata

Uses the training tools of Debian's package tesseract-ocr on the same plate
pictures as the network is trained on. A network trained on hard pictures from
the start learns nothing, and one trained with gaps as signs learns only gaps, so
texts are without them and there are stages from easy to hard, each going on
from the last. Files that are there are not made again, so a training that was
stopped goes on with its stage.
"""

import argparse
import glob
import os
import random
import re
import subprocess
import sys

import numpy
from PIL import Image

from scenes import fonts, platepicture, plates

NET = '[1,36,0,1 Ct3,3,16 Mp3,3 Lfys48 Lfx64 Lrx64 Lfx128 O1c1]'
RATE = 0.001
WIDTH, HEIGHT = 144, 36
PAGES = 500                  # of a file: one process for so many lines
DEVIATION = 48
# name, ease of the pictures (1 is hard, None text alone in few typefaces),
# lines, iterations at its end
STAGES = (('plain', None, 3000, 12000), ('easy', 0.2, 10000, 36000),
          ('hard', 1.0, 24000, 130000), ('long', 1.0, 30000, 120000),
          ('longer', 1.0, 40000, 150000))
FEW_FACES = 2


def line_picture(picture):
    """A plate picture as plugins/plateocr/tesseractreader.c hands it over: of
    the height the LSTM takes, mean 128, deviation 48."""
    small = Image.fromarray(picture).resize((WIDTH, HEIGHT), Image.BILINEAR)
    luma = numpy.asarray(small, numpy.float32)
    luma = 128 + DEVIATION * (luma - luma.mean()) / max(luma.std(), 4)
    return Image.fromarray(numpy.clip(luma + 0.5, 0, 255).astype(numpy.uint8))


def run(*command, log=None):
    with open(log or os.devnull, 'ab') as file:
        subprocess.run([str(part) for part in command], check=True,
                       stdout=file, stderr=subprocess.STDOUT,
                       env=dict(os.environ, OMP_THREAD_LIMIT='1'))


class Training:
    def __init__(self, options):
        self.options, self.work = options, options.work
        self.log = os.path.join(self.work, 'log')
        self.start = os.path.join(self.work, 'start', 'plate',
                                  'plate.traineddata')

    def path(self, *names):
        return os.path.join(self.work, *names)

    def prepare(self):
        """The alphabet and an empty model of it."""
        if os.path.exists(self.start):
            return
        os.makedirs(os.path.dirname(self.start), exist_ok=True)
        os.makedirs(self.path('languages'), exist_ok=True)
        with open(self.path('alphabet.txt'), 'w', encoding='utf8') as file:
            file.write(' '.join(platepicture.LABELS[2:]) + '\n')
        with open(self.path('languages', 'radical-stroke.txt'), 'w',
                  encoding='utf8') as file:
            file.write('# none\n')
        run('unicharset_extractor', '--output_unicharset',
            self.path('unicharset'), '--norm_mode', 1,
            self.path('alphabet.txt'), log=self.log)
        run('combine_lang_model', '--input_unicharset',
            self.path('unicharset'), '--script_dir', self.path('languages'),
            '--output_dir', self.path('start'), '--lang', 'plate',
            log=self.log)

    def lines(self, stage, ease, count):
        """Line files of a stage; returns the file that lists them."""
        listed = self.path(stage + '.list')
        if os.path.exists(listed):
            return listed
        options, names = self.options, []
        maker = platepicture.PictureMaker(
            fonts.Fonts(os.path.join(options.materials, 'fonts')),
            options.real, os.path.join(options.materials, 'pictures'),
            random.Random(stage))
        if ease is None:
            maker.fonts.strong = maker.fonts.strong[::len(
                maker.fonts.strong) // FEW_FACES]
        maker.ease = ease
        for number in range(count // PAGES):
            names.append(self._line_file('%s-%03d' % (stage, number), maker))
        with open(listed, 'w', encoding='utf8') as file:
            file.write('\n'.join(names) + '\n')
        return listed

    def _line_file(self, name, maker):
        stem, pages, texts = self.path(name), [], []
        while len(pages) < PAGES:
            picture, text = maker.make() if maker.ease is not None \
                else self._plain(maker)
            # the tools take no line without a text
            if text:
                pages.append(line_picture(picture))
                texts.append(text.replace(' ', ''))
        pages[0].save(stem + '.tif', save_all=True, append_images=pages[1:])
        with open(stem + '.box', 'w', encoding='utf8') as file:
            for number, text in enumerate(texts):
                file.write('WordStr 0 0 %d %d %d #%s\n\t %d %d %d %d %d\n' % (
                    WIDTH, HEIGHT, number, text, WIDTH, HEIGHT, WIDTH + 1,
                    HEIGHT + 1, number))
        run('tesseract', stem + '.tif', stem, '--psm', 13, 'lstm.train',
            log=self.log)
        os.remove(stem + '.tif')
        os.remove(stem + '.box')
        return stem + '.lstmf'

    @staticmethod
    def _plain(maker):
        picture, text = plates.draw_plain(
            maker.fonts, maker.random, (platepicture.WIDTH,
                                        platepicture.HEIGHT))
        return numpy.asarray(picture), text

    def train(self, stage, listed, last, iterations):
        """One stage, from its own checkpoint, the last stage's or nothing."""
        output = self.path('model-' + stage)
        checkpoint, done = output + '_checkpoint', self.path(stage + '.done')
        if os.path.exists(done):
            return checkpoint
        start = ['--net_spec', NET, '--net_mode', 192, '--learning_rate', RATE]
        for earlier in (last, checkpoint):
            if earlier and os.path.exists(earlier):
                start = ['--continue_from', earlier]
        run('lstmtraining', '--traineddata', self.start, '--train_listfile',
            listed, '--model_output', output, '--max_iterations', iterations,
            '--debug_interval', 0, *start, log=self.log)
        with open(done, 'w', encoding='utf8'):
            return checkpoint

    def best(self, stage):
        """The checkpoint of a stage with the least error in training."""
        kept = glob.glob(self.path('model-%s_*_*_*.checkpoint' % stage))
        return min(kept, key=lambda path: float(
            re.search(r'_([0-9.]+)_\d+_\d+\.checkpoint$', path)[1]))

    def finish(self, checkpoint):
        part = self.path('plate.traineddata')
        run('lstmtraining', '--stop_training', '--convert_to_int',
            '--continue_from', checkpoint, '--traineddata', self.start,
            '--model_output', part, log=self.log)
        with open(part, 'rb') as made, open(self.options.model + '.part',
                                            'wb') as file:
            file.write(made.read())
        os.replace(self.options.model + '.part', self.options.model)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--real', required=True, metavar='FOLDER',
                        help='real pictures and their boxes.tsv')
    parser.add_argument('--materials', required=True, metavar='FOLDER',
                        help='typefaces and backgrounds')
    parser.add_argument('--work', required=True, metavar='FOLDER',
                        help='lines, checkpoints; half a GB')
    parser.add_argument('--model', required=True, metavar='FILE',
                        help='the .traineddata file to write')
    parser.add_argument('--finish', action='store_true',
                        help='only write the model of what is trained so far')
    options = parser.parse_args()
    options.work = os.path.abspath(options.work)
    os.makedirs(options.work, exist_ok=True)
    training = Training(options)
    checkpoint = None
    if not options.finish:
        training.prepare()
        for stage, ease, count, iterations in STAGES:
            listed = training.lines(stage, ease, count)
            checkpoint = training.train(stage, listed, checkpoint, iterations)
    training.finish(training.best(STAGES[-1][0]))


if __name__ == '__main__':
    sys.exit(main())
