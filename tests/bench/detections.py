#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of bench/detections.py on cases that can be worked out by hand.

usage: detections.py FOLDER, where the folder holds detections.py
"""
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
import detections  # noqa: E402


def box(x, y, w, h, **more):
    return dict(more, x=x, y=y, w=w, h=h)


def truth(x, path, source, width=100):
    return box(str(x), '0', str(width), '20', path=path, source=source)


class Matching(unittest.TestCase):
    def test_each_read_serves_one_truth(self):
        pairs, false = detections.match(
            [box(0, 0, 100, 20), box(10, 0, 100, 20)], [box(5, 0, 100, 20)])
        self.assertEqual([value >= 0.5 for _, _, value in pairs],
                         [True, False])
        self.assertEqual(false, [])

    def test_second_read_of_a_plate_is_no_false_plate(self):
        _, false = detections.match(
            [box(0, 0, 100, 20)], [box(0, 0, 100, 20), box(9, 0, 100, 20)])
        self.assertEqual(false, [])

    def test_read_beside_the_plate_is_false(self):
        _, false = detections.match(
            [box(0, 0, 100, 20)], [box(80, 0, 100, 20)])
        self.assertEqual(len(false), 1)

    def test_unboxed_source_has_no_false_plates(self):
        rows = [truth(0, 'a', 'nl-cars'), truth(0, 'b', 'ro-dashcam')]
        reads = [box(0, 0, 100, 20, file='a', text='X'),
                 box(500, 0, 100, 20, file='a', text=''),
                 box(500, 0, 100, 20, file='b', text='X')]
        figures = detections.score_pictures(rows, reads, {})
        self.assertEqual(figures['recall_all']['k'], 1)
        self.assertEqual(figures['false_per_image'], 1)
        self.assertEqual(figures['false_with_text_per_image'], 0)
        self.assertEqual(figures['false_by_source']['ro-dashcam'], 1)

    def test_other_continents_are_not_european(self):
        rows = [truth(0, 'a', 'pl-cars'), truth(0, 'b', 'openalpr-us')]
        figures = detections.score_pictures(rows, [], {})
        self.assertEqual(figures['recall_european']['n'], 1)
        self.assertEqual(figures['recall_all']['n'], 2)

    def test_widths_are_scaled_to_the_reference(self):
        rows = [truth(0, 'a', 'pl-cars', 50)]
        figures = detections.score_pictures(rows, [], {'a': [960, 540, 50]})
        self.assertEqual(list(figures['recall_by_width']), ['40-59'])
        self.assertEqual(list(figures['recall_by_width_at_1920']), ['100-149'])
        self.assertEqual(list(figures['recall_by_light']), ['night'])


class Corners(unittest.TestCase):
    quad = [0, 0, 100, 0, 100, 20, 0, 20]

    def test_error_counts_in_plate_heights(self):
        moved = [value + (5 if place % 2 == 0 else 0)
                 for place, value in enumerate(self.quad)]
        self.assertAlmostEqual(
            detections.corner_error(self.quad, moved), 0.25)

    def test_missed_still_counts_in_recall_alone(self):
        truths = [box(0, 0, 100, 20, frame=number, yaw=0, quad=self.quad)
                  for number in range(2)]
        reads = [box(0, 0, 100, 20, file='s1', quad=self.quad, text='')]
        figures = detections.score_stills(truths, reads, 's%d')
        self.assertEqual(figures['recall']['rate'], 0.5)
        self.assertEqual(figures['corner_error_mean'], 0)


class Numbers(unittest.TestCase):
    def test_nothing_has_no_rate(self):
        self.assertIsNone(detections.rate(0, 0))
        self.assertIsNone(detections.percentile([], 0.5))

    def test_interval_encloses_the_rate(self):
        found = detections.rate(9, 10)
        self.assertTrue(found['lo'] < 0.9 < found['hi'] < 1)

    def test_pnm_header_may_have_comments(self):
        self.assertEqual(
            detections.picture_of_pnm(b'P5\n# made by hand\n2 1\n255\n\x01\n'),
            (b'P5', 2, 1, b'\x01\n'))
        self.assertEqual(detections.picture_of_pnm(b'')[0], None)


if __name__ == '__main__':
    unittest.main()
