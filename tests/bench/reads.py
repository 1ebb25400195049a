#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of bench/reads.py on cases that can be worked out by hand.

usage: reads.py FOLDER, where the folder holds reads.py
"""
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
import reads  # noqa: E402


def crop(path, text, country='BE', lines='1'):
    return {'path': path, 'text': text, 'country': country, 'lines': lines}


def read(path, text, confidence=0.5, others=()):
    return {'file': path, 'text': text, 'confidence': confidence,
            'candidates': [{'text': text} for text in (text, *others)]}


def readings(*pairs):
    """Of (confidence, right): None for a plate without a text"""
    return [reads.Reading([''] if confidence is None else
                          ['AB12' if right else 'XX99'],
                          confidence or 0.0, 'AB12', {})
            for confidence, right in pairs]


class Texts(unittest.TestCase):
    def test_look_alikes_and_umlauts_fold(self):
        self.assertEqual(reads.fold('ö-QDI 1ä'), '00011A')
        self.assertEqual(reads.fold('oO0'), '000')

    def test_umlaut_is_another_letter_unless_folded(self):
        one = reads.reading_of(crop('a', 'WÜ12'), read('a', 'WU12'))
        self.assertFalse(reads.is_exact(one))
        self.assertTrue(reads.is_folded(one))

    def test_hyphens_do_not_count(self):
        one = reads.reading_of(crop('a', '1ABC234'), read('a', '1-abc-234'))
        self.assertTrue(reads.is_exact(one))

    def test_fifth_candidate_counts_and_sixth_does_not(self):
        others = ('B1', 'C1', 'D1', 'E1', 'F1')
        for text, is_among in (('E1', True), ('F1', False)):
            one = reads.reading_of(crop('a', text), read('a', 'A1', 1, others))
            self.assertEqual(reads.is_among_top(one), is_among)


class Crops(unittest.TestCase):
    def test_lines_and_countries_are_told_apart(self):
        rows = [crop('a', 'A1'), crop('b', 'B1', 'NL', '2'),
                crop('c', 'C1', 'AT'), crop('d', 'D1', 'FR')]
        figures = reads.score_crops(reads.readings_of_crops(
            rows, [read('a', 'A1'), read('b', 'B1'), read('c', 'C7')]))
        self.assertEqual(figures['exact_one_line']['k'], 1)
        self.assertEqual(figures['exact_one_line']['n'], 3)
        self.assertEqual(figures['exact_two_lines']['rate'], 1)
        self.assertEqual(figures['exact']['n'], 4)
        self.assertEqual(list(figures['exact_by_country']),
                         ['BE', 'NL', 'FR', 'AT'])
        self.assertEqual(figures['without_text'], 1)

    def test_doubtful_truth_is_left_out(self):
        self.assertEqual(reads.readings_of_crops(
            [crop('a', 'A?'), crop('b', '?'), crop('c', '')], []), [])

    def test_nothing_has_no_figures(self):
        figures = reads.score_crops([])
        self.assertIsNone(figures['exact'])
        self.assertIsNone(figures['ece'])
        self.assertIsNone(figures['right_of_top_90'])
        self.assertEqual(figures['reliability'], [])


class Plates(unittest.TestCase):
    def row(self, x, text, source='pl-cars'):
        return {'path': 'a', 'x': str(x), 'y': '0', 'w': '100', 'h': '20',
                'text': text, 'source': source}

    def at(self, x, text):
        return dict(read('a', text), x=x, y=0, w=100, h=20)

    def test_text_goes_with_the_box(self):
        found = reads.readings_of_plates(
            [self.row(0, 'A1'), self.row(500, 'B1')],
            [self.at(500, 'B1'), self.at(0, 'A1')])
        self.assertEqual([reads.is_exact(one) for one in found], [True, True])

    def test_read_beside_the_plate_is_none_of_it(self):
        found = reads.readings_of_plates(
            [self.row(0, 'A1')], [self.at(80, 'A1')])
        self.assertEqual(found[0].texts, [''])
        self.assertEqual(found[0].confidence, 0)

    def test_doubtful_plate_still_takes_its_read(self):
        found = reads.readings_of_plates(
            [self.row(0, '?'), self.row(30, 'A1')], [self.at(0, 'A1')])
        self.assertEqual([one.texts for one in found], [['']])

    def test_other_continents_are_not_european(self):
        figures = reads.score_plates(reads.readings_of_plates(
            [self.row(0, 'A1'), self.row(200, 'B1', 'openalpr-us'),
             self.row(400, 'C1', 'ro-dashcam')],
            [self.at(0, 'A1'), self.at(200, 'B1')]))
        self.assertEqual(figures['exact_european']['n'], 2)
        self.assertEqual(figures['exact_ro_dashcam']['rate'], 0)
        self.assertEqual(figures['exact_by_source']['openalpr-us']['k'], 1)


class Confidence(unittest.TestCase):
    def test_error_is_weighted_by_the_bins(self):
        # 3 of 4 right at 0.95: 0.2 off; 0 of 1 right at 0.1: 0.1 off
        held = readings((0.95, 1), (0.95, 1), (0.95, 1), (0.95, 0), (0.1, 0))
        self.assertAlmostEqual(reads.calibration_error(held),
                               (4 * 0.2 + 0.1) / 5, places=4)

    def test_plate_without_text_is_no_prediction(self):
        self.assertEqual(
            reads.calibration_error(readings((1, 1), (None, 0))), 0)

    def test_ends_fall_into_the_outer_bins(self):
        table = reads.reliability(readings((0, 0), (1, 1), (1 / 15, 0)))
        self.assertEqual([(row['from'], row['n']) for row in table],
                         [(0, 2), (round(14 / 15, 4), 1)])

    def test_least_sure_tenth_is_left_out(self):
        held = readings(*[(0.9, 1)] * 18, (None, 0), (0.2, 0))
        self.assertEqual(reads.right_of_surest(held)['n'], 18)
        self.assertEqual(reads.right_of_surest(held)['rate'], 1)

    def test_equally_sure_ones_do_not_flatter(self):
        held = readings((0.5, 1), *[(0.5, 1)] * 8, (0.5, 0))
        self.assertEqual(reads.right_of_surest(held)['k'], 8)
        self.assertEqual(reads.right_of_surest(held)['n'], 9)


if __name__ == '__main__':
    unittest.main()
