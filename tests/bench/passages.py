#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of bench/passages.py on films that can be worked out by hand.

usage: passages.py FOLDER, where the folder holds passages.py
"""
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
import passages  # noqa: E402

FPS = 25


def drive(vehicle, text, first, last, x=0, width=100, direction='approaching',
          hidden=()):
    """A plate that stands at x from frame to frame"""
    return [dict(vehicle=vehicle, text=text, direction=direction, frame=frame,
                 time_s=frame / FPS, x=x, y=0, w=width, h=20,
                 hidden=frame in hidden)
            for frame in range(first, last + 1)]


def passage(text, first, last, x=0, best=None, direction='in'):
    best = (first + last) / 2 if best is None else best
    return passages.Passage(text, direction, first / FPS, best / FPS,
                            last / FPS, [x, 0, 100, 20])


def score(truths, told):
    return passages.score(truths, told, FPS)


class Vehicles(unittest.TestCase):
    def test_good_passage_is_nothing_but_right(self):
        figures = score(drive(0, 'ABC1', 0, 50), [passage('ABC1', 5, 50)])
        self.assertEqual(figures['captured']['rate'], 1)
        self.assertEqual(figures['exact']['rate'], 1)
        self.assertEqual(figures['direction_right']['rate'], 1)
        self.assertEqual(figures['duplicates']['k'], 0)
        self.assertEqual(figures['events'], [])

    def test_small_or_short_plate_need_not_be_captured(self):
        figures = score(drive(0, 'ABC1', 0, 50, width=59)
                        + drive(1, 'ABC2', 0, 6), [])
        self.assertEqual((figures['vehicles'], figures['legible']), (2, 0))
        self.assertIsNone(figures['captured'])

    def test_hidden_plate_need_not_be_captured(self):
        figures = score(drive(0, 'ABC1', 0, 50, hidden=range(5, 51)), [])
        self.assertEqual(figures['legible'], 0)

    def test_vehicle_without_a_passage_is_missed(self):
        figures = score(drive(0, 'ABC1', 0, 50), [])
        self.assertEqual(figures['captured']['rate'], 0)
        self.assertEqual(figures['exact']['rate'], 0)
        self.assertEqual(figures['events'][0]['kind'], 'missed')

    def test_wrong_text_is_captured_but_not_exact(self):
        figures = score(drive(0, 'ABC1', 0, 50), [passage('ABC7', 5, 50)])
        self.assertEqual(figures['captured']['rate'], 1)
        self.assertEqual(figures['exact']['rate'], 0)
        self.assertEqual(figures['swaps']['k'], 0)

    def test_same_plate_coming_again_is_no_duplicate(self):
        figures = score(
            drive(0, 'ABC1', 0, 50) + drive(1, 'ABC1', 300, 350),
            [passage('ABC1', 5, 50), passage('ABC1', 305, 350)])
        self.assertEqual(figures['duplicates']['k'], 0)
        self.assertEqual(figures['captured']['k'], 2)


class Duplicates(unittest.TestCase):
    def test_second_passage_of_a_drive_is_a_duplicate(self):
        figures = score(
            drive(0, 'ABC1', 0, 100, hidden=range(40, 60)),
            [passage('ABC1', 0, 39), passage('ABC1', 60, 100)])
        self.assertEqual(figures['duplicates']['k'], 1)
        self.assertEqual(figures['surplus_passages'], 1)
        self.assertEqual(figures['events'][0]['from_frame'], 60)

    def test_duplicate_without_a_text_counts_too(self):
        figures = score(drive(0, 'ABC1', 0, 100),
                        [passage('ABC1', 0, 60), passage('', 60, 100)])
        self.assertEqual(figures['duplicates']['k'], 1)


class Swaps(unittest.TestCase):
    two = drive(0, 'ABC1', 0, 50) + drive(1, 'ABC2', 0, 50, x=500)

    def test_text_of_the_neighbour_is_a_swap(self):
        figures = score(self.two, [passage('ABC2', 0, 50),
                                   passage('ABC2', 0, 50, x=500)])
        self.assertEqual(figures['swaps']['k'], 1)
        self.assertEqual(figures['events'][0]['vehicle'], 0)

    def test_right_texts_side_by_side_are_no_swap(self):
        figures = score(self.two, [passage('ABC1', 0, 50),
                                   passage('ABC2', 0, 50, x=500)])
        self.assertEqual(figures['swaps']['k'], 0)

    def test_passage_that_goes_on_with_the_next_vehicle_is_a_swap(self):
        figures = score(
            drive(0, 'ABC1', 0, 20) + drive(1, 'ABC2', 40, 140),
            [passage('ABC1', 0, 140, best=10)])
        self.assertEqual(figures['swaps']['k'], 1)

    def test_text_of_a_vehicle_long_gone_is_a_misread(self):
        figures = score(
            drive(0, 'ABC1', 0, 50) + drive(1, 'ABC2', 300, 350),
            [passage('ABC1', 0, 50), passage('ABC1', 300, 350)])
        self.assertEqual(figures['swaps']['k'], 0)
        self.assertEqual(figures['exact']['k'], 1)


class Directions(unittest.TestCase):
    def test_approaching_is_in_and_receding_out(self):
        truths = drive(0, 'ABC1', 0, 50) + drive(
            1, 'ABC2', 0, 50, x=500, direction='receding')
        figures = score(truths, [
            passage('ABC1', 0, 50, direction='in'),
            passage('ABC2', 0, 50, x=500, direction='out')])
        self.assertEqual(figures['direction_right']['rate'], 1)

    def test_unknown_and_opposite_are_wrong(self):
        truths = drive(0, 'ABC1', 0, 50) + drive(1, 'ABC2', 0, 50, x=500)
        figures = score(truths, [
            passage('ABC1', 0, 50, direction='unknown'),
            passage('ABC2', 0, 50, x=500, direction='out')])
        self.assertEqual(figures['direction_right']['rate'], 0)


class Extra(unittest.TestCase):
    def test_passage_on_no_plate_is_extra(self):
        figures = score(drive(0, 'ABC1', 0, 50),
                        [passage('ABC1', 0, 50), passage('', 0, 50, x=900),
                         passage('XYZ9', 0, 50, x=900)])
        self.assertEqual((figures['extra'], figures['extra_with_text']),
                         (2, 1))
        self.assertEqual(figures['duplicates']['k'], 0)

    def test_right_text_off_the_plate_belongs_to_its_vehicle(self):
        figures = score(drive(0, 'ABC1', 0, 50), [passage('ABC1', 0, 50, x=70)])
        self.assertEqual(figures['extra'], 0)
        self.assertEqual(figures['captured']['k'], 1)

    def test_passage_of_a_hidden_plate_is_not_extra(self):
        figures = score(drive(0, 'ABC1', 0, 50, hidden=range(20, 51)),
                        [passage('BC1', 25, 40)])
        self.assertEqual(figures['extra'], 0)

    def test_passage_of_an_illegible_vehicle_is_not_extra(self):
        figures = score(drive(0, 'ABC1', 0, 5), [passage('', 0, 5)])
        self.assertEqual(figures['extra'], 0)


class Times(unittest.TestCase):
    def test_place_is_that_of_the_nearest_frame(self):
        truths = drive(0, 'A', 0, 0) + drive(0, 'A', 10, 10, x=100)
        one = passages.drives_of(truths, FPS)[0]
        self.assertEqual(passages.place_at(one, 3 / FPS)[0], 0)
        self.assertEqual(passages.place_at(one, 12 / FPS)[0], 100)
        self.assertIsNone(passages.place_at(one, 40 / FPS))

    def test_records_count_from_the_films_first_frame(self):
        start = passages.film_start(
            'Got message #1: anpr-passage, id=(string)x, '
            'timestamp=(gint64)1000500000, stream-time=(guint64)500000000, '
            'running-time=(guint64)500000000;')
        self.assertEqual(start, 1000)
        record = {'first_seen': '1970-01-01T00:16:41.000000Z',
                  'best_seen': '1970-01-01T00:16:41.040000Z',
                  'last_seen': '1970-01-01T00:16:42.000000Z',
                  'direction': 'in',
                  'plates': [{'text': 'A1', 'box': {'x': 1, 'y': 2, 'w': 3,
                                                    'h': 4}}]}
        told = passages.passages_of([record], start)[0]
        self.assertEqual((told.first_s, told.best_s, told.last_s),
                         (1, 1.04, 2))
        self.assertEqual(told.box, [1, 2, 3, 4])

    def test_bus_without_a_passage_tells_no_start(self):
        self.assertIsNone(passages.film_start('Setting pipeline to PLAYING'))


if __name__ == '__main__':
    unittest.main()
