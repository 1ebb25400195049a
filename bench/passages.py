# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How well vehicles are told apart: passages against a film's truth.

A drive is one vehicle's way through the picture, as anpr-scene tells it frame
by frame; the same plate coming again is another drive. It is told where a plate
is also while another vehicle hides it, wholly or in part: a part may be found.
A drive is legible if its plate is large enough for long enough and not hidden.

A passage belongs to the drive on whose plate its best shot lies: of all plates
in that frame the one of the largest IoU, 0.3 or more. If it lies on none, it
belongs to a drive with its text that is in view at its time. If there is none
either, it is extra. What belongs to a drive that is not legible is neither
right nor wrong. Then:

duplicate   one more passage of a drive that has one
swap        the text is that of another drive in view at its time than the one
            its best shot lies on, or its own drive is in view for less than
            half of the passage's time and so most of it was another's
direction   of the drive; a passage that tells none is wrong

Everything here works on lists of dictionaries; times are seconds of the film,
boxes pixels; rates are those of detections.py.
"""

import bisect
import collections
import datetime
import re

import detections
import reads as readings

LEGIBLE_WIDTH = 60
LEGIBLE_SECONDS = 0.3
ON_PLATE_IOU = 0.3
# How long before its first and after its last truth a plate may be found, when
# it is small or at the picture's edge
MARGIN_SECONDS = 0.5
LEAST_SHARE_IN_VIEW = 0.5
DIRECTIONS = {'approaching': 'in', 'receding': 'out'}

Drive = collections.namedtuple('Drive', 'vehicle text direction times boxes '
                               'legible')
# A passage: box x y w h of the best shot, '' where it has no text
Passage = collections.namedtuple('Passage', 'text direction first_s best_s '
                                 'last_s box')

# A message as gst-launch-1.0 prints it: where the file's time begins
STAMPS = re.compile(r'anpr-passage,.* timestamp=\(gint64\)(\d+), '
                    r'stream-time=\(guint64\)(\d+)')


# What is compared

def drives_of(truths, fps):
    """@truths as anpr-scene writes them, in order of time; by drive."""
    sightings = collections.defaultdict(list)
    for truth in truths:
        sightings[truth['vehicle']].append(truth)
    drives = []
    for vehicle, seen in sightings.items():
        wide = sum(truth['w'] >= LEGIBLE_WIDTH and not truth.get('hidden')
                   for truth in seen)
        drives.append(Drive(
            vehicle, readings.key(seen[0]['text']),
            DIRECTIONS[seen[0]['direction']],
            [truth['time_s'] for truth in seen],
            [detections.box_of(truth) for truth in seen],
            wide >= LEGIBLE_SECONDS * fps))
    return drives


def utc_seconds(text):
    return datetime.datetime.fromisoformat(
        text.replace('Z', '+00:00')).timestamp()


def film_start(messages):
    """UTC seconds of the film's first frame, from the messages of the bus; None
    if no passage was told there."""
    found = STAMPS.search(messages)
    return int(found[1]) / 1e6 - int(found[2]) / 1e9 if found else None


def passages_of(records, start):
    """@records as anprsink writes them, @start of film_start()"""
    passages = []
    for record in records:
        plate = record['plates'][0]
        times = [round(utc_seconds(record[name]) - start, 3)
                 for name in ('first_seen', 'best_seen', 'last_seen')]
        passages.append(Passage(
            readings.key(plate.get('text')), record['direction'], *times,
            detections.box_of(plate['box'])))
    return passages


# Where a drive is

def place_at(drive, time):
    """The plate's box in the frame nearest in time; None out of view."""
    after = bisect.bisect_left(drive.times, time)
    near = [index for index in (after - 1, after)
            if 0 <= index < len(drive.times)]
    index = min(near, key=lambda one: abs(drive.times[one] - time))
    if abs(drive.times[index] - time) > MARGIN_SECONDS:
        return None
    return drive.boxes[index]


def share_in_view(drive, passage):
    """Share of the passage's time in which the drive is in the picture"""
    begin = max(passage.first_s, drive.times[0] - MARGIN_SECONDS)
    end = min(passage.last_s, drive.times[-1] + MARGIN_SECONDS)
    whole = passage.last_s - passage.first_s
    if whole <= 0:
        return 1.0 if begin <= end else 0.0
    return max(0.0, end - begin) / whole


def in_view(drive, passage):
    return share_in_view(drive, passage) > 0


def drive_under(drives, passage):
    """The drive on whose plate the best shot lies"""
    best, best_iou = None, ON_PLATE_IOU
    for drive in drives:
        place = place_at(drive, passage.best_s)
        value = detections.iou(place, passage.box) if place else 0
        if value >= best_iou:
            best, best_iou = drive, value
    return best


def drives_of_text(drives, passage):
    """Those in view with the passage's text"""
    return [drive for drive in drives if passage.text
            and drive.text == passage.text and in_view(drive, passage)]


def is_swap(drive, drives, passage):
    """@drive is the one the passage belongs to."""
    if share_in_view(drive, passage) < LEAST_SHARE_IN_VIEW:
        return True
    return (passage.text != drive.text
            and bool(drives_of_text(drives, passage)))


# Figures

def assign(drives, passages):
    """Passages by the vehicle number of their drive; those of none by None"""
    by_vehicle = collections.defaultdict(list)
    for passage in passages:
        drive = drive_under(drives, passage)
        if not drive:
            drive = next(iter(drives_of_text(drives, passage)), None)
        by_vehicle[drive.vehicle if drive else None].append(passage)
    return by_vehicle


def event(kind, drive, passage, fps):
    """A row that tells where to look in the film"""
    return {'kind': kind, 'vehicle': drive.vehicle if drive else '-',
            'plate': drive.text if drive else '-',
            'read': passage.text if passage else '-',
            'from_frame': round((passage.first_s if passage
                                 else drive.times[0]) * fps),
            'best_frame': round(passage.best_s * fps) if passage else '-',
            'to_frame': round((passage.last_s if passage
                               else drive.times[-1]) * fps),
            'direction': passage.direction if passage else '-'}


def events_of(drive, drives, passages, fps):
    """What went wrong with one drive"""
    events = [event('duplicate', drive, passage, fps)
              for passage in sorted(passages, key=lambda one: one.first_s)[1:]]
    events += [event('swap', drive, passage, fps) for passage in passages
               if is_swap(drive, drives, passage)]
    if not drive.legible:
        return events
    if not passages:
        return events + [event('missed', drive, None, fps)]
    if all(passage.text != drive.text for passage in passages):
        events.append(event('text', drive, passages[0], fps))
    return events + [event('direction', drive, passage, fps)
                     for passage in passages
                     if passage.direction != drive.direction]


def score(truths, passages, fps):
    """@truths as anpr-scene writes them, @passages of passages_of()"""
    drives = drives_of(truths, fps)
    told = assign(drives, passages)
    legible = [drive for drive in drives if drive.legible]
    captured = [drive for drive in legible if told[drive.vehicle]]
    events = [one for drive in drives
              for one in events_of(drive, drives, told[drive.vehicle], fps)]
    events += [event('extra', None, passage, fps) for passage in told[None]]
    kinds = collections.Counter(one['kind'] for one in events)
    driven = sum(bool(told[drive.vehicle]) for drive in drives)
    doubled = sum(len(told[drive.vehicle]) > 1 for drive in drives)
    directed = sum(len(told[drive.vehicle]) for drive in captured)
    wrong_texts = kinds['text'] + kinds['missed']
    return {
        'vehicles': len(drives),
        'legible': len(legible),
        'passages': len(passages),
        'captured': detections.rate(len(captured), len(legible)),
        'exact': detections.rate(len(legible) - wrong_texts, len(legible)),
        'duplicates': detections.rate(doubled, driven),
        'surplus_passages': kinds['duplicate'],
        'swaps': detections.rate(
            kinds['swap'], len(passages) - len(told[None])),
        'direction_right': detections.rate(
            directed - kinds['direction'], directed),
        'extra': len(told[None]),
        'extra_with_text': sum(bool(one.text) for one in told[None]),
        'events': sorted(events, key=lambda one: one['from_frame']),
    }
