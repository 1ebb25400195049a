# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Turns flat pictures in space and lays them into another picture."""

import math

import numpy
from PIL import Image


def homography(source, target):
    """3 x 3 matrix that maps four source points (4 x 2) to the target's."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    solved = numpy.linalg.solve(numpy.array(rows, float),
                                numpy.array(values, float))
    return numpy.append(solved, 1).reshape(3, 3)


def project(matrix, points):
    """Points (n x 2) through a homography."""
    points = numpy.asarray(points, float)
    mapped = numpy.c_[points, numpy.ones(len(points))] @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def turned_rectangle(width, height, yaw, pitch, roll, distance):
    """Corners of a rectangle turned about its middle, angles in degrees, seen
    from a distance given in widths: 4 x 2, around 0, clockwise."""
    x = numpy.array([-1, 1, 1, -1]) * width / 2
    y = numpy.array([-1, -1, 1, 1]) * height / 2
    z = numpy.zeros(4)
    yaw, pitch, roll = (math.radians(v) for v in (yaw, pitch, roll))
    x, z = x * math.cos(yaw) + z * math.sin(yaw), \
        z * math.cos(yaw) - x * math.sin(yaw)
    y, z = y * math.cos(pitch) - z * math.sin(pitch), \
        z * math.cos(pitch) + y * math.sin(pitch)
    x, y = x * math.cos(roll) - y * math.sin(roll), \
        y * math.cos(roll) + x * math.sin(roll)
    near = distance * width / (distance * width + z)
    return numpy.c_[x * near, y * near]


def paste(scene, image, alpha, matrix):
    """Lays image, weighted by alpha, into scene (float32), mapped by matrix
    from image's to scene's pixels."""
    height, width = image.shape
    outline = project(matrix, [(0, 0), (width, 0), (width, height),
                               (0, height)])
    left, top = numpy.maximum(numpy.floor(outline.min(0)).astype(int) - 1, 0)
    right = min(int(math.ceil(outline[:, 0].max())) + 1, scene.shape[1])
    bottom = min(int(math.ceil(outline[:, 1].max())) + 1, scene.shape[0])
    if right <= left or bottom <= top:
        return
    image, alpha = Image.fromarray(image), Image.fromarray(alpha)
    # shrink first, so that nothing aliases
    share = numpy.linalg.norm(outline[1] - outline[0]) / width
    down = numpy.linalg.norm(outline[3] - outline[0]) / height
    step = (max(1, int(0.75 / max(share, 1e-3))),
            max(1, int(0.75 / max(down, 1e-3))))
    scale = numpy.eye(3)
    if step != (1, 1):
        image, alpha = image.reduce(step), alpha.reduce(step)
        scale = numpy.diag([step[0], step[1], 1.0])
    back = numpy.linalg.inv(matrix @ scale)
    back = back @ numpy.array([[1, 0, left], [0, 1, top], [0, 0, 1.0]])
    back = (back / back[2, 2]).ravel()[:8]
    size = (right - left, bottom - top)
    weight = numpy.asarray(alpha.transform(size, Image.PERSPECTIVE, back,
                                           Image.BILINEAR), numpy.float32)
    values = numpy.asarray(image.transform(size, Image.PERSPECTIVE, back,
                                           Image.BILINEAR), numpy.float32)
    part = scene[top:bottom, left:right]
    part += (values - part) * (weight / 255)
