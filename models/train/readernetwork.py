# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The reader's network: plain convolutions, CTC output.

A plate picture of 160 x 40 comes in; 40 steps from left to right go out, in
each a score of every label. The first layers see strokes and signs; then the
height is folded away and wide kernels along the line let a step see nearly the
whole plate, for what tells O from 0 is which country's plate it is. 0.083
GMAC. plugins/plateocr/ctcreader.c runs it.
"""

import torch
from torch import nn
from torch.nn import functional

from layers import Layers
from scenes.platepicture import LABELS

BLANK, SEPARATOR = 0, 1
NUMBER = {label: number for number, label in enumerate(LABELS)}
STEPS = 40
LEAST_DEVIATION = 4


def block(inputs, outputs, kernel=(3, 3), stride=(1, 1), padding=None):
    if padding is None:
        padding = kernel[0] // 2, kernel[1] // 2
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(outputs, momentum=0.02), nn.ReLU(inplace=True))


class Reader(nn.Module):
    """Input n x 1 x 40 x 160 as normalised() makes it. Output n x labels x 1 x
    40, before softmax."""

    def __init__(self):
        super().__init__()
        self.strokes = nn.Sequential(
            block(1, 24, stride=(2, 2)), block(24, 32),
            block(32, 64, stride=(2, 2)))
        self.parts = block(64, 64)
        self.lower = block(64, 96, stride=(2, 1))
        self.signs = block(96, 96)
        self.fold = block(96, 128, (5, 3), padding=(0, 1))
        self.near = block(128, 128, (1, 9))
        self.far = nn.Sequential(
            block(128, 64, (1, 1)), block(64, 64, (1, 15)),
            block(64, 64, (1, 15)), block(64, 128, (1, 1)))
        self.join = block(128, 128, (1, 5))
        self.head = nn.Conv2d(128, len(LABELS), 1)

    def forward(self, picture):
        at = self.strokes(picture)
        at = at + self.parts(at)
        at = self.lower(at)
        at = at + self.signs(at)
        at = self.fold(at)
        at = at + self.near(at)
        at = at + self.far(at)
        return self.head(self.join(at))


def normalised(pictures):
    """uint8 pictures (n x 40 x 160) as the network takes them: mean 0,
    deviation 1 over the picture."""
    pictures = pictures.float()
    mean = pictures.mean((1, 2), keepdim=True)
    deviation = pictures.std((1, 2), keepdim=True, unbiased=False)
    return ((pictures - mean) / deviation.clamp(min=LEAST_DEVIATION))[:, None]


def encode(text):
    """A text as numbers of labels."""
    return [NUMBER[sign] for sign in text]


def loss(raw, texts):
    """Mean over the pictures of -ln of the text's probability (Graves 2006).

    raw: as the network gives it; texts: lists of numbers of labels.
    """
    steps = functional.log_softmax(raw[:, :, 0].float(), 1).permute(2, 0, 1)
    lengths = torch.tensor([len(text) for text in texts])
    return functional.ctc_loss(
        steps, torch.tensor([sign for text in texts for sign in text]),
        torch.full((raw.shape[0],), STEPS), lengths, blank=BLANK,
        reduction='none', zero_infinity=True).mean()


def best_texts(raw):
    """The most likely label of each step, repeats and blanks left out, as keys
    without separators: for watching a training."""
    out = []
    for row in raw[:, :, 0].argmax(1).tolist():
        text = [sign for at, sign in enumerate(row)
                if sign > SEPARATOR and (at == 0 or row[at - 1] != sign)]
        out.append(''.join(LABELS[sign] for sign in text))
    return out


def layers(model):
    """The network as models/train/modelfile.py writes it."""
    to = Layers()
    at = 0
    for module in model.strokes:
        at = to.convolution(module, at)
    at = to.add(at, to.convolution(model.parts, at))
    at = to.convolution(model.lower, at)
    at = to.add(at, to.convolution(model.signs, at))
    at = to.convolution(model.fold, at)
    at = to.add(at, to.convolution(model.near, at))
    inner = at
    for module in model.far:
        inner = to.convolution(module, inner)
    at = to.convolution(model.join, to.add(at, inner))
    to.convolution(model.head, at, relu=False, output=1)
    return to.made
