# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A trained network's layers as modelfile.py writes them."""

import torch


def _folded(convolution, norm):
    """Weights (out, down, across, in) and biases, normalisation folded in."""
    weights = convolution.weight.detach().double()
    bias = torch.zeros(len(weights), dtype=torch.double) \
        if convolution.bias is None else convolution.bias.detach().double()
    if norm is not None:
        gain = norm.weight.detach().double() / torch.sqrt(
            norm.running_var.double() + norm.eps)
        weights = weights * gain[:, None, None, None]
        bias = norm.bias.detach().double() + (
            bias - norm.running_mean.double()) * gain
    return (weights.permute(0, 2, 3, 1).float().numpy(),
            bias.float().numpy())


class Layers:
    """Collects layers in the order they run. Each function takes the numbers
    of its inputs, 0 the network's own, and returns its result's."""

    def __init__(self):
        self.made = []

    def convolution(self, module, source, relu=True, output=0):
        """module: convolution, normalisation and ReLU in sequence; a bare
        convolution without `relu`."""
        layer, norm = (module[0], module[1]) if relu else (module, None)
        weights, bias = _folded(layer, norm)
        down, right = layer.padding
        self.made.append({
            'operation': 'convolution', 'input': source, 'relu': relu,
            'weights': weights, 'bias': bias, 'stride': layer.stride,
            'padding': (down, down, right, right), 'output': output})
        return len(self.made)

    def add(self, one, other):
        self.made.append({'operation': 'add', 'input': one, 'second': other})
        return len(self.made)

    def upsample(self, source):
        self.made.append({'operation': 'upsample', 'input': source})
        return len(self.made)
