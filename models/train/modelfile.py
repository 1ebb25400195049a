# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes and reads model files (docs/model-format.md).

A layer is a dict: operation 'convolution', 'add' or 'upsample'; input (0 the
network's input, n the result of layer n - 1), second for add; relu; stride
(down, right); padding (top, bottom, left, right); output, number of the
network's output or 0; of convolutions weights (numpy, out x down x right x in)
and bias.
"""

import hashlib
import os
import struct

import numpy

MAGIC = b'ANPRNET\n'
VERSION = 1
PURPOSES = {'detector': 1, 'reader': 2}
OPERATIONS = {'convolution': 1, 'add': 2, 'upsample': 3}
HEADER = struct.Struct('<8s8IQ48s32s')
LAYER = struct.Struct('<14HI')
LABEL_SIZE = 16


def _name(table, value):
    return next(name for name, number in table.items() if number == value)


def _packed_layer(layer, channels):
    down = right = 0
    stride, padding = (0, 0), (0, 0, 0, 0)
    if layer['operation'] == 'convolution':
        down, right = layer['weights'].shape[1:3]
        stride, padding = layer['stride'], layer['padding']
    return LAYER.pack(
        OPERATIONS[layer['operation']], int(layer.get('relu', False)),
        layer['input'], layer.get('second', 0), channels, down, right,
        *stride, *padding, layer.get('output', 0), 0)


def write_model(path, purpose, size, channels, step, labels, layers,
                training_id):
    """Writes a model file; it appears whole or not at all.

    purpose: 'detector' or 'reader'; size: width and height in pixels the
    network was trained at; channels: of its input; step: what its inputs'
    sides are multiples of; training_id: text of less than 48 bytes.
    """
    made, table, weights = [channels], b'', []
    for layer in layers:
        if layer['operation'] == 'convolution':
            made.append(layer['weights'].shape[0])
            weights += [layer['weights'].ravel(), layer['bias'].ravel()]
        else:
            made.append(made[layer['input']])
        table += _packed_layer(layer, made[-1])
    values = numpy.concatenate(weights).astype('<f4')
    body = b''.join(label.encode().ljust(LABEL_SIZE, b'\0')
                    for label in labels) + table + values.tobytes()

    def header(checksum):
        return HEADER.pack(MAGIC, VERSION, PURPOSES[purpose], *size, channels,
                           step, len(layers), len(labels), len(values),
                           training_id.encode(), checksum)

    checksum = hashlib.sha256(header(b'') + body).digest()
    with open(path + '.part', 'wb') as file:
        file.write(header(checksum) + body)
    os.replace(path + '.part', path)


def read_model(path):
    """Reads a model file as a dict of what write_model() takes."""
    with open(path, 'rb') as file:
        data = file.read()
    (magic, version, purpose, width, height, channels, step, n_layers,
     n_labels, n_weights, training_id, checksum) = HEADER.unpack_from(data)
    if magic != MAGIC or version != VERSION:
        raise ValueError('%s: not a model of version %d' % (path, VERSION))
    plain = data[:96] + bytes(32) + data[HEADER.size:]
    if hashlib.sha256(plain).digest() != checksum:
        raise ValueError('%s: damaged' % path)
    at = HEADER.size
    labels = [data[at + i * LABEL_SIZE:at + (i + 1) * LABEL_SIZE].rstrip(
        b'\0').decode() for i in range(n_labels)]
    at += n_labels * LABEL_SIZE
    values = numpy.frombuffer(data, '<f4', n_weights,
                              at + n_layers * LAYER.size)
    layers, made = [], [channels]
    for number in range(n_layers):
        row = LAYER.unpack_from(data, at + number * LAYER.size)
        layer = {'operation': _name(OPERATIONS, row[0]), 'relu': bool(row[1]),
                 'input': row[2], 'second': row[3], 'output': row[13]}
        if layer['operation'] == 'convolution':
            shape = (row[4], row[5], row[6], made[row[2]])
            count = int(numpy.prod(shape))
            layer.update(weights=values[:count].reshape(shape),
                         bias=values[count:count + row[4]],
                         stride=row[7:9], padding=row[9:13])
            values = values[count + row[4]:]
        layers.append(layer)
        made.append(row[4])
    return {'purpose': _name(PURPOSES, purpose), 'size': (width, height),
            'channels': channels, 'step': step, 'labels': labels,
            'layers': layers,
            'training_id': training_id.rstrip(b'\0').decode()}
