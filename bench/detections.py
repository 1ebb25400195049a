# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How well plates are found: boxes and corners against a truth, no text.

Boxes are matched as the data's score.py does it, so that the figures agree:
picture by picture, the truth boxes in the order of the table, each takes the
read of the largest IoU that none took before at an IoU of 0.3 or more. A read
that took none and has an IoU under 0.3 with every truth box is a false plate.

Everything here works on lists of dictionaries; figures are plain numbers, or
rates: {rate, k, n, lo, hi} with the 95 % Wilson interval.
"""

import collections
import json
import math
import os
import statistics
import subprocess

FOUND_IOU = 0.5
TAKEN_IOU = 0.3
EUROPEAN = ('openalpr-eu', 'nl-cars', 'nl-misc', 'pl-cars', 'delft-frames',
            'ro-dashcam', 'cz-traffic', 'ua-cars')
# A quarter of the visible plates there has no box, so nothing there is false.
UNBOXED = ('ro-dashcam',)
REFERENCE_WIDTH = 1920
# Lower ends of the classes; a class ends where the next one begins.
WIDTHS = (0, 40, 60, 100, 150, 250, 400)
YAWS = (0, 15, 30)
# Mean luma of the picture, 0 to 255
LIGHTS = (('night', 0), ('dusk', 60), ('day', 80))


def rate(k, n):
    if n == 0:
        return None
    z, p = 1.96, k / n
    scale = 1 + z * z / n
    middle = (p + z * z / (2 * n)) / scale
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    return {'rate': round(p, 4), 'k': k, 'n': n,
            'lo': round(max(0.0, middle - reach), 4),
            'hi': round(middle + reach, 4)}


def percentile(values, share):
    """The value below which this share lies, interpolated; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def rounded(value, digits=4):
    return None if value is None else round(value, digits)


def box_of(row):
    return [float(row.get(name, 0)) for name in 'xywh']


def iou(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    union = a[2] * a[3] + b[2] * b[3] - shared
    return shared / union if union > 0 else 0.0


def match(truths, reads):
    """Pairs (truth, read or None, IoU) of one picture, and its false reads."""
    pairs, taken = [], set()
    for truth in truths:
        best, best_iou = None, 0.0
        for number, read in enumerate(reads):
            value = iou(box_of(truth), box_of(read))
            if number not in taken and value > best_iou:
                best, best_iou = number, value
        if best_iou >= TAKEN_IOU:
            taken.add(best)
        pairs.append((truth, None if best is None else reads[best], best_iou))
    false = [read for number, read in enumerate(reads) if number not in taken
             and all(iou(box_of(read), box_of(truth)) < TAKEN_IOU
                     for truth in truths)]
    return pairs, false


def by_file(rows, column):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def class_of(value, ends):
    """Name of the class, such as "60-99" or "400-", that holds the value."""
    low = max(end for end in ends if end <= value)
    above = [end for end in ends if end > value]
    return '%d-%s' % (low, above[0] - 1 if above else '')


def light_of(luma):
    return [name for name, low in LIGHTS if luma >= low][-1]


# What is known of a picture itself

def look_at(path, env):
    """Width, height and mean luma of a picture, as GStreamer decodes it."""
    command = ['gst-launch-1.0', '-q', 'filesrc', 'location=' + path, '!',
               'decodebin', '!', 'videoconvert', '!',
               'video/x-raw,format=GRAY8', '!', 'pnmenc', '!',
               'fdsink', 'fd=1']
    out = subprocess.run(command, env=env, capture_output=True, timeout=120)
    kind, width, height, luma = picture_of_pnm(out.stdout)
    if kind != b'P5' or len(luma) < width * height:
        return None
    return [width, height, round(sum(luma) / len(luma), 1)]


def picture_of_pnm(data):
    """The header's fields are parted by white space; '#' begins a comment."""
    fields = []
    while len(fields) < 4:
        line, _, data = data.partition(b'\n')
        if not line and not data:
            return None, 0, 0, b''
        fields += line.partition(b'#')[0].split()
    return fields[0], int(fields[1]), int(fields[2]), data


def look_at_all(folder, files, env, cache):
    """By file; what was seen before is taken from the file @cache."""
    facts = {}
    if os.path.exists(cache):
        with open(cache, encoding='utf8') as file:
            facts = json.load(file)
    missing = [name for name in files if name not in facts]
    for name in missing:
        facts[name] = look_at(os.path.join(folder, name), env)
    if missing:
        with open(cache, 'w', encoding='utf8') as file:
            json.dump(facts, file)
    return {name: facts[name] for name in files if facts[name]}


# Pictures of the data folder

def recall(pairs):
    return rate(sum(value >= FOUND_IOU for _, _, value in pairs), len(pairs))


def recall_by(pairs, name_of):
    groups = collections.defaultdict(list)
    for pair in pairs:
        groups[name_of(pair[0])].append(pair)
    return {name: recall(groups[name]) for name in sorted(
        groups, key=lambda name: (int(name.partition('-')[0])
                                  if name[0].isdigit() else 0, name))}


def score_pictures(rows, reads, facts):
    """@rows of plates.tsv, @reads as `anprctl read` prints them (the same path
    in `file`), @facts of look_at_all()."""
    read_of = by_file(reads, 'file')
    pairs, images, false, false_texts = [], 0, 0, 0
    false_by_source = collections.Counter()
    images_by_source = collections.Counter()
    for path, truths in by_file(rows, 'path').items():
        matched, wrong = match(truths, read_of.get(path, []))
        source = truths[0]['source']
        pairs += matched
        images_by_source[source] += 1
        false_by_source[source] += len(wrong)
        if source not in UNBOXED:
            images += 1
            false += len(wrong)
            false_texts += sum(bool(read.get('text')) for read in wrong)
    known = [pair for pair in pairs if pair[0]['path'] in facts]
    found = [value for _, _, value in pairs if value >= FOUND_IOU]

    def width_of(truth):
        return float(truth['w'])

    def reference_width_of(truth):
        return width_of(truth) * REFERENCE_WIDTH / facts[truth['path']][0]

    return {
        'recall_european': recall(
            [pair for pair in pairs if pair[0]['source'] in EUROPEAN]),
        'recall_all': recall(pairs),
        'recall_by_source': recall_by(pairs, lambda truth: truth['source']),
        'recall_by_width': recall_by(
            pairs, lambda truth: class_of(width_of(truth), WIDTHS)),
        'recall_by_width_at_1920': recall_by(
            known, lambda truth: class_of(reference_width_of(truth), WIDTHS)),
        'recall_by_light': recall_by(
            known, lambda truth: light_of(facts[truth['path']][2])),
        'false_per_image': rounded(false / images if images else None),
        'false_with_text_per_image': rounded(
            false_texts / images if images else None),
        'false_images': images,
        'false_by_source': {
            source: round(false_by_source[source] / count, 4)
            for source, count in sorted(images_by_source.items())},
        'iou_median': rounded(percentile(found, 0.5)),
        'iou_p10': rounded(percentile(found, 0.1)),
    }


# Rendered stills, whose corners are known

def points_of(quad):
    return list(zip(quad[0::2], quad[1::2]))


def side(quad, one, other):
    points = points_of(quad)
    return math.dist(points[one], points[other])


def plate_width(quad):
    return (side(quad, 0, 1) + side(quad, 3, 2)) / 2


def plate_height(quad):
    return (side(quad, 0, 3) + side(quad, 1, 2)) / 2


def corner_error(truth, found):
    """Mean distance of the four corners, in heights of the plate"""
    distances = [math.dist(a, b)
                 for a, b in zip(points_of(truth), points_of(found))]
    return statistics.fmean(distances) / plate_height(truth)


def error_figures(pairs):
    errors = [corner_error(truth['quad'], read['quad'])
              for truth, read, value in pairs if value >= FOUND_IOU]
    return {
        'recall': recall(pairs),
        'corner_error_mean': rounded(statistics.fmean(errors)
                                     if errors else None),
        'corner_error_median': rounded(percentile(errors, 0.5)),
        'corner_error_p90': rounded(percentile(errors, 0.9)),
    }


def errors_by(pairs, value_of, ends):
    groups = collections.defaultdict(list)
    for pair in pairs:
        groups[class_of(value_of(pair[0]), ends)].append(pair)
    return {name: error_figures(groups[name]) for name in sorted(
        groups, key=lambda name: int(name.partition('-')[0]))}


def score_stills(truths, reads, pattern):
    """@truths as anpr-scene writes them, @reads as `anprctl read` prints them,
    @pattern the stills' file name with a %d for the truth's frame."""
    read_of = by_file(reads, 'file')
    pairs, false = [], 0
    stills = by_file(truths, 'frame')
    for frame, plates in stills.items():
        matched, wrong = match(plates, read_of.get(pattern % frame, []))
        pairs += matched
        false += len(wrong)
    figures = {'stills': len(stills)}
    figures.update(error_figures(pairs))
    found = [value for _, _, value in pairs if value >= FOUND_IOU]
    figures['iou_median'] = rounded(percentile(found, 0.5))
    figures['iou_p10'] = rounded(percentile(found, 0.1))
    figures['false_per_still'] = rounded(
        false / len(stills) if stills else None)
    figures['by_width'] = errors_by(
        pairs, lambda truth: plate_width(truth['quad']), WIDTHS)
    figures['by_yaw'] = errors_by(
        pairs, lambda truth: abs(truth['yaw']), YAWS)
    return figures
