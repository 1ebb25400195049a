#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Model files that the training writes are what the elements load.

usage: modelfile.py RUNMODEL

A model is written, read back and run by RUNMODEL, which must give what numpy
computes; models that would take too much are refused, not tried. Prints TAP.
"""
import os
import resource
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    print('1..0 # SKIP python3-numpy is not installed')
    sys.exit(0)

sys.path.insert(0, os.path.join(os.environ['ANPR_SOURCE_DIR'], 'models',
                                'train'))
from modelfile import read_model, write_model  # noqa: E402

LIMIT_S = 60
# Far more than what is allowed needs, far less than what is refused would
LIMIT_BYTES = 1 << 30
RUNMODEL = sys.argv[1]
random = numpy.random.default_rng(7)


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))


def convolution(inputs, channels, kernel, **more):
    weights = random.uniform(-.3, .3, (channels, *kernel, inputs))
    bias = random.uniform(-.3, .3, channels)
    return dict(dict(operation='convolution', input=0, stride=(1, 1),
                     padding=(0, 0, 0, 0), relu=False, output=0,
                     weights=weights.astype('f4'), bias=bias.astype('f4')),
                **more)


def write(folder, layers, **more):
    path = os.path.join(folder, 'test.anprnet')
    options = dict(dict(purpose='detector', size=(16, 8), channels=2, step=4,
                        labels=['plate', 'ü'], layers=layers,
                        training_id='test'), **more)
    write_model(path, **options)
    return path


def run(path, width, height, values=b''):
    return subprocess.run([RUNMODEL, path, str(width), str(height)],
                          input=values, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=LIMIT_S,
                          preexec_fn=limit_memory)


def convolve(layer, values):
    top, bottom, left, right = layer['padding']
    down, across = layer['stride']
    values = numpy.pad(values, ((top, bottom), (left, right), (0, 0)))
    windows = numpy.lib.stride_tricks.sliding_window_view(
        values, layer['weights'].shape[1:3], (0, 1))[::down, ::across]
    return numpy.einsum('yxcij,oijc->yxo', windows,
                        layer['weights']) + layer['bias']


def upsample_axis(values, axis):
    """Twice as long, by lines between the middles of places."""
    n = values.shape[axis]
    at = numpy.clip((numpy.arange(2 * n) + .5) / 2 - .5, 0, n - 1)
    low = at.astype(int)
    share = (at - low).reshape([-1 if i == axis else 1 for i in range(3)])
    high = numpy.minimum(low + 1, n - 1)
    return (values.take(low, axis) * (1 - share)
            + values.take(high, axis) * share)


def compute(layers, values):
    """Returns the outputs in the order of their numbers."""
    made, outputs = [values.astype('f8')], {}
    for layer in layers:
        values = made[layer['input']]
        if layer['operation'] == 'convolution':
            values = convolve(layer, values)
        elif layer['operation'] == 'add':
            values = values + made[layer['second']]
        else:
            values = upsample_axis(upsample_axis(values, 0), 1)
        made.append(numpy.maximum(values, 0) if layer['relu'] else values)
        if layer['output']:
            outputs[layer['output']] = made[-1]
    return [outputs[number] for number in sorted(outputs)]


def example():
    """Every operation; an output that is an input too; more padding than
    kernel."""
    other = {'relu': False, 'output': 0}
    return [
        convolution(2, 5, (3, 3), stride=(2, 2), padding=(1, 1, 1, 1),
                    relu=True),
        convolution(5, 4, (1, 1), input=1, output=2),
        dict(other, operation='upsample', input=2),
        convolution(2, 4, (2, 5), stride=(1, 1), padding=(1, 0, 3, 1)),
        dict(other, operation='add', input=3, second=4, relu=True),
        convolution(4, 1, (3, 2), input=5, stride=(3, 1),
                    padding=(7, 7, 7, 7), output=1),
        dict(other, operation='add', input=2, second=2, output=3),
    ]


def test_numbers(folder):
    layers = example()
    path = write(folder, layers)
    for width, height in ((16, 8), (4, 4), (36, 20)):
        values = random.uniform(-1, 1, (height, width, 2)).astype('<f4')
        process = run(path, width, height, values.tobytes())
        assert process.returncode == 0, process.stderr.decode()
        expected = numpy.concatenate(
            [output.ravel() for output in compute(layers, values)])
        found = numpy.frombuffer(process.stdout, '<f4')
        assert found.shape == expected.shape, found.shape
        assert abs(found - expected).max() < 1e-4, abs(found - expected).max()


def test_one_channel(folder):
    layers = [convolution(1, 1, (3, 3), padding=(1, 1, 1, 1), relu=True),
              convolution(1, 1, (1, 1), input=1, output=1)]
    path = write(folder, layers, channels=1)
    values = random.uniform(-1, 1, (8, 12, 1)).astype('<f4')
    process = run(path, 12, 8, values.tobytes())
    assert process.returncode == 0, process.stderr.decode()
    found = numpy.frombuffer(process.stdout, '<f4').reshape(8, 12, 1)
    assert abs(found - compute(layers, values)[0]).max() < 1e-4


def test_round_trip(folder):
    layers = example()
    model = read_model(write(folder, layers))
    assert model['purpose'] == 'detector' and model['size'] == (16, 8)
    assert model['channels'] == 2 and model['step'] == 4
    assert model['labels'] == ['plate', 'ü']
    assert model['training_id'] == 'test'
    assert len(model['layers']) == len(layers)
    for found, layer in zip(model['layers'], layers):
        for name, value in layer.items():
            assert numpy.array_equal(found[name], value), name


def refused(folder, layers, width, height, **more):
    process = run(write(folder, layers, **more), width, height)
    assert process.returncode == 1, process.returncode
    assert b'does not work on' in process.stderr, process.stderr


def test_kernels(folder):
    """Small results, but XNNPACK keeps a pointer a place of a kernel."""
    refused(folder, [convolution(1, 1, (15, 15), output=1)], 4096, 4096,
            channels=1)


def test_packing(folder):
    """Small file, but XNNPACK packs as many weights as for 32 channels."""
    layers = [convolution(1, 1024, (1, 1))]
    for number in range(2, 62, 2):
        layers += [convolution(1024, 1, (15, 15), input=1,
                               padding=(7, 7, 7, 7)),
                   dict(operation='add', input=number,
                        second=number - 1 if number > 2 else number)]
    layers[-1]['output'] = 1
    refused(folder, layers, 4, 4, channels=1)


def test_large(folder):
    """More bytes than 32 bits count."""
    refused(folder, [convolution(1024, 1, (1, 1), output=1)], 4096, 4096,
            channels=1024)


def test_unused(folder):
    """XNNPACK would end the program."""
    path = write(folder, [convolution(2, 1, (1, 1)),
                          convolution(2, 1, (1, 1), output=1)])
    process = run(path, 4, 4)
    assert process.returncode == 1 and b'nothing uses' in process.stderr


def test_texts(folder):
    """A file that a wrong name of a training made."""
    path = write(folder, [convolution(2, 1, (1, 1), output=1)],
                 training_id='id\0rest')
    assert run(path, 4, 4).returncode == 1


def test_pipe(folder):
    path = os.path.join(folder, 'pipe')
    os.mkfifo(path)
    process = run(path, 4, 4)
    assert process.returncode == 1 and b'file' in process.stderr


TESTS = (
    ('network gives the numbers that numpy computes', test_numbers),
    ('networks of one channel do too', test_one_channel),
    ('what is written is read back', test_round_trip),
    ('kernels that would take too much are refused', test_kernels),
    ('weights that would take too much are refused', test_packing),
    ('results that would take too much are refused', test_large),
    ('layers whose result nothing uses are refused', test_unused),
    ('texts with something behind their end are refused', test_texts),
    ('a pipe is refused and not waited for', test_pipe),
)


def main():
    failed = 0
    print('1..%d' % len(TESTS))
    for number, (name, test) in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory(prefix='anpr-model-') as folder:
            try:
                test(folder)
                print('ok %d - %s' % (number, name), flush=True)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed += 1
                print('not ok %d - %s\n# %s: %s' % (
                    number, name, type(error).__name__, error), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
