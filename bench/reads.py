# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How well plates are read: texts and confidences against a truth.

Texts are compared as the data's score.py does it, so that the figures agree:
upper case, letters and digits alone; folded, 0 is O, Q and D, and 1 is I, and
umlauts are A, O and U. A truth with a "?" is no text to compare with.

A reading is what one plate came to: (texts, confidence, truth), texts with the
read's own first and then its candidates, or nothing. Figures are plain numbers
or the rates of detections.py.
"""

import collections
import math
import statistics

import detections

FOLD = str.maketrans('OQDIÄÖÜ', '0001A0U')
TOP = 5
BINS = 15
# The part of the reads that is kept, hundredths
SURE_SHARE = 90
FIRST_COUNTRIES = ('BE', 'NL', 'DE', 'FR')
RO_DASHCAM = 'ro-dashcam'

Reading = collections.namedtuple('Reading', 'texts confidence truth row')


def key(text):
    return ''.join(sign for sign in (text or '').upper() if sign.isalnum())


def fold(text):
    return key(text).translate(FOLD)


def is_known(truth):
    return bool(key(truth)) and '?' not in truth


def texts_of(read):
    """The read's text, then each candidate that is another one."""
    texts = [key(read.get('text'))]
    for candidate in read.get('candidates') or []:
        text = key(candidate.get('text'))
        if text and text not in texts:
            texts.append(text)
    return texts


def reading_of(row, read):
    """A plate without a text counts as one that nobody is sure of."""
    texts = texts_of(read) if read else ['']
    confidence = float(read.get('confidence') or 0) if texts[0] else 0.0
    return Reading(texts, confidence, key(row['text']), row)


def is_exact(reading):
    return reading.texts[0] == reading.truth


def is_folded(reading):
    return fold(reading.texts[0]) == fold(reading.truth)


def is_among_top(reading):
    return reading.truth in reading.texts[:TOP]


def share(readings, is_right):
    return detections.rate(sum(map(is_right, readings)), len(readings))


# Whose readings

def readings_of_crops(rows, reads):
    """A cut-out is one plate, and what is printed first is its read."""
    read_of = detections.by_file(reads, 'file')
    return [reading_of(row, (read_of.get(row['path']) or [None])[0])
            for row in rows if is_known(row['text'])]


def readings_of_plates(rows, reads):
    """A box that was not found is a plate without a text."""
    read_of = detections.by_file(reads, 'file')
    readings = []
    for path, truths in detections.by_file(rows, 'path').items():
        pairs, _ = detections.match(truths, read_of.get(path, []))
        readings += [
            reading_of(row, read if value >= detections.TAKEN_IOU else None)
            for row, read, value in pairs if is_known(row['text'])]
    return readings


# Confidence

def calibration_error(readings):
    """Of those with a text: the mean distance, over bins of equal width, of how
    sure the reads are from how many are right, weighted by their number."""
    told = [one for one in readings if one.texts[0]]
    if not told:
        return None
    off = sum(len(held) * abs(mean_confidence(held) - right_share(held))
              for held in bins_of(told).values())
    return round(off / len(told), 4)


def bins_of(readings):
    bins = collections.defaultdict(list)
    for one in readings:
        # A bin holds its upper end, as in Guo et al. 2017
        place = min(BINS, math.ceil(one.confidence * BINS)) - 1
        bins[max(0, place)].append(one)
    return bins


def mean_confidence(readings):
    return statistics.fmean(one.confidence for one in readings)


def right_share(readings):
    return sum(map(is_exact, readings)) / len(readings)


def reliability(readings):
    """The bins that hold something, the least sure first."""
    bins = bins_of([one for one in readings if one.texts[0]])
    return [{'from': round(place / BINS, 4), 'to': round((place + 1) / BINS, 4),
             'n': len(held),
             'confidence': round(mean_confidence(held), 4),
             'right': round(right_share(held), 4)}
            for place, held in sorted(bins.items())]


def right_of_surest(readings):
    """Of equally sure ones the wrong ones are taken first."""
    ordered = sorted(readings,
                     key=lambda one: (-one.confidence, is_exact(one)))
    kept = -(-len(ordered) * SURE_SHARE // 100)
    return share(ordered[:kept], is_exact)


def confidence_figures(readings):
    return {
        'right_of_top_90': right_of_surest(readings),
        'ece': calibration_error(readings),
        'without_text': sum(not one.texts[0] for one in readings),
    }


# Figures

def exact_by(readings, column, first=()):
    groups = collections.defaultdict(list)
    for one in readings:
        groups[one.row[column] or '-'].append(one)
    order = [name for name in first if name in groups]
    order += sorted(set(groups) - set(order))
    return {name: share(groups[name], is_exact) for name in order}


def with_lines(readings, lines):
    return [one for one in readings if one.row['lines'] == lines]


def score_crops(readings):
    """@readings of readings_of_crops()"""
    one_line = with_lines(readings, '1')
    figures = {
        'exact_one_line': share(one_line, is_exact),
        'folded_one_line': share(one_line, is_folded),
        'exact_two_lines': share(with_lines(readings, '2'), is_exact),
        'exact': share(readings, is_exact),
        'top5': share(readings, is_among_top),
    }
    figures.update(confidence_figures(readings))
    figures['exact_by_country'] = exact_by(
        readings, 'country', FIRST_COUNTRIES)
    figures['reliability'] = reliability(readings)
    return figures


def score_engine(readings):
    """The figures of score_crops() by which engines are compared"""
    figures = {
        'exact_one_line': share(with_lines(readings, '1'), is_exact),
        'exact_two_lines': share(with_lines(readings, '2'), is_exact),
    }
    figures.update(confidence_figures(readings))
    return figures


def score_plates(readings):
    """@readings of readings_of_plates()"""
    european = [one for one in readings
                if one.row['source'] in detections.EUROPEAN]
    dashcam = [one for one in readings if one.row['source'] == RO_DASHCAM]
    figures = {
        'exact_european': share(european, is_exact),
        'folded_european': share(european, is_folded),
        'top5_european': share(european, is_among_top),
        'exact_ro_dashcam': share(dashcam, is_exact),
        'folded_ro_dashcam': share(dashcam, is_folded),
    }
    figures.update(confidence_figures(european))
    figures['exact_by_source'] = exact_by(readings, 'source')
    figures['reliability'] = reliability(european)
    return figures
