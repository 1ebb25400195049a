# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The detector's network, its loss, and its way into a model file.

One luma channel in, one map of cells out, eight pixels apart; plain
convolutions. Plates of 12 to about 110 pixels are found; larger ones in a
smaller copy of the picture. What the 13 numbers of a cell mean is written in
plugins/platedetect/platenetwork.c, which must agree with decode() here.
"""

import numpy
import torch
from torch import nn
from torch.nn import functional

from layers import Layers

STRIDE = 8
OUTPUTS = 16
SIGNS = torch.tensor([[-.5, -.5], [.5, -.5], [.5, .5], [-.5, .5]])


def block(inputs, outputs, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs, momentum=0.02), nn.ReLU(inplace=True))


class Detector(nn.Module):
    """Input n x 1 x h x w, (luma - 128) / 128, h and w multiples of 16.
    Output n x 16 x h/8 x w/8, not decoded."""

    def __init__(self, fine=32, coarse=64):
        super().__init__()
        self.stem = nn.Sequential(block(1, 16, 2), block(16, 32, 2),
                                  block(32, fine, 2), block(fine, fine))
        self.down = block(fine, coarse, 2)
        self.around = nn.ModuleList([
            nn.Sequential(block(coarse, coarse), block(coarse, coarse))
            for _ in range(2)])
        self.up = nn.Conv2d(coarse, fine, 1)
        self.join = nn.Sequential(block(fine, fine), block(fine, fine))
        self.head = nn.Conv2d(fine, OUTPUTS, 1)
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)
        self.head.bias.data[0] = -4.6

    def forward(self, picture):
        fine = self.stem(picture)
        coarse = self.down(fine)
        for pair in self.around:
            coarse = coarse + pair(coarse)
        up = functional.interpolate(self.up(coarse), scale_factor=2,
                                    mode='bilinear', align_corners=False)
        return self.head(self.join(fine + up))


def cells(rows, columns):
    """Middles of the cells, pixels: x and y, rows x columns."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns),
                          indexing='ij')
    return (x + 0.5) * STRIDE, (y + 0.5) * STRIDE


def decode(raw):
    """Raw output (n x 16 x rows x columns) as score logits (n x rows x
    columns), boxes (... x 4: centre x, y, width, height) and corners (... x 4
    x 2), pixels."""
    raw = raw.permute(0, 2, 3, 1).float()
    x, y = cells(raw.shape[1], raw.shape[2])
    boxes = torch.stack([
        x + raw[..., 1] * STRIDE, y + raw[..., 2] * STRIDE,
        32 * torch.exp(raw[..., 3].clamp(-4, 4)),
        8 * torch.exp(raw[..., 4].clamp(-4, 4))], -1)
    offsets = raw[..., 5:13].reshape(*raw.shape[:3], 4, 2) + SIGNS
    corners = boxes[..., None, :2] + offsets * boxes[..., None, 2:]
    return raw[..., 0], boxes, corners


# Truth for each cell

POSITIVE, BOX_ONLY, UNDECIDED = 1, 2, 3
SMALLEST, LARGEST = 11.5, 112


def targets(labels, rows, columns):
    """What the cells of one scene should say.

    labels: n x 13 rows as scenes/scene.py makes them. Returns state (rows x
    columns, 0 background) and truth (rows x columns x 12: centre, size,
    corners).
    """
    state = numpy.zeros((rows, columns), numpy.uint8)
    truth = numpy.zeros((rows, columns, 12), numpy.float32)
    x = (numpy.arange(columns) + 0.5) * STRIDE
    y = ((numpy.arange(rows) + 0.5) * STRIDE)[:, None]
    # small ones last: they win a cell
    for row in sorted(labels, key=lambda row: row[1] - row[3]):
        kind, left, top, right, bottom = row[:5]
        width, height = right - left, bottom - top
        middle = (left + right) / 2, (top + bottom) / 2
        far_x, far_y = numpy.abs(x - middle[0]), numpy.abs(y - middle[1])
        around = (far_x < max(width * 0.5, 8)) & (far_y < max(height * 0.5, 8))
        state[around & (state == 0)] = UNDECIDED
        if kind == 3 or width < SMALLEST or width > LARGEST:
            state[around] = UNDECIDED
            continue
        here = (far_x < max(width * 0.2, 4.001)) & (
            far_y < max(height * 0.25, 4.001))
        state[here] = POSITIVE if kind == 1 else BOX_ONLY
        truth[here] = [*middle, width, height, *row[5:13]]
    return state, truth


def _overlap_loss(boxes, truth):
    """1 - generalised intersection over union (Rezatofighi et al. 2019)."""
    low, high = boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2
    low2, high2 = truth[:, :2] - truth[:, 2:] / 2, truth[:, :2] + \
        truth[:, 2:] / 2
    both = (torch.minimum(high, high2) - torch.maximum(low, low2)).clamp(
        min=0).prod(1)
    union = boxes[:, 2:].prod(1) + truth[:, 2:].prod(1) - both
    hull = (torch.maximum(high, high2) - torch.minimum(low, low2)).prod(1)
    return 1 - both / union + (hull - union) / hull


def loss(raw, state, truth):
    """Sum of the focal loss of the scores (Lin et al. 2017) and, for cells on
    plates, the losses of box and corners. Returns it and its parts."""
    score, boxes, corners = decode(raw)
    on = (state == POSITIVE) | (state == BOX_ONLY)
    count = on.sum().clamp(min=1)
    wanted = on.float()
    entropy = functional.binary_cross_entropy_with_logits(
        score, wanted, reduction='none')
    chance = torch.sigmoid(score)
    missed = torch.where(on, 1 - chance, chance)
    focal = entropy * missed ** 2 * torch.where(on, 0.75, 0.4)
    focal = (focal * (state != UNDECIDED)).sum() / count
    if not on.any():
        return focal, (focal.item(), 0, 0)
    found, real = boxes[on], truth[on]
    box = _overlap_loss(found, real[:, :4])
    size = real[:, None, 2:4]
    edges = functional.smooth_l1_loss(
        found / real[:, 2:4].repeat(1, 2), real[:, :4]
        / real[:, 2:4].repeat(1, 2), beta=0.05, reduction='none').mean(1)
    turned = state[on] == POSITIVE
    corner = torch.zeros(())
    if turned.any():
        aim = (real[turned, 4:].reshape(-1, 4, 2)
               - real[turned, None, :2]) / size[turned]
        guess = (corners[on][turned] - found[turned, None, :2]) \
            / found[turned, None, 2:]
        corner = functional.smooth_l1_loss(guess, aim, beta=0.05,
                                           reduction='none').mean()
    box = (box + edges).mean()
    return focal * 2 + box * 1.5 + corner * 2, (
        focal.item(), box.item(), corner.item())


# Into the model file

def layers(model):
    """The network as models/train/modelfile.py writes it."""
    to = Layers()
    at = 0
    for module in model.stem:
        at = to.convolution(module, at)
    fine = at
    at = to.convolution(model.down, fine)
    for pair in model.around:
        at = to.add(at, to.convolution(pair[1], to.convolution(pair[0], at)))
    at = to.upsample(to.convolution(model.up, at, relu=False))
    at = to.add(fine, at)
    for module in model.join:
        at = to.convolution(module, at)
    to.convolution(model.head, at, relu=False, output=1)
    return to.made
