#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of bench/search.py on cases that can be worked out by hand.

usage: search.py FOLDER, where the folder holds search.py
"""
import datetime
import random
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
import search  # noqa: E402

NOON = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.timezone.utc)


class Figures(unittest.TestCase):
    def test_percentiles_are_values_that_were_measured(self):
        values = [5, 1, 4, 2, 3] * 20
        self.assertEqual(search.percentile(values, 0.5), 3)
        self.assertEqual(search.percentile(values, 0.95), 5)
        self.assertEqual(search.percentile([7], 0.95), 7)

    def test_wall_clock_and_cpu_are_told_apart(self):
        self.assertEqual(search.spread([4.0, 8.0], [1.0, 2.0]), {
            'p50_ms': 8.0, 'p95_ms': 8.0, 'cpu_p50_ms': 2.0, 'cpu_p95_ms': 2.0})


class Questions(unittest.TestCase):
    def test_a_series_has_five_half_hours_inside_the_year(self):
        facts = search.draw_facts(random.Random(1), NOON)
        self.assertEqual(len(facts), 5)
        self.assertEqual(facts, search.draw_facts(random.Random(1), NOON))
        for fact in facts:
            begin, end = (datetime.datetime.fromisoformat(fact[name])
                          for name in ('from', 'to'))
            self.assertEqual(end - begin, datetime.timedelta(minutes=30))
            self.assertLess(NOON - begin, datetime.timedelta(days=search.DAYS))
            self.assertLess(end, NOON)
            self.assertEqual(len(fact['positions']), 2)


class Deliveries(unittest.TestCase):
    def test_a_refused_record_fails_the_measurement(self):
        search.Load.check(None, [('id', 'kept', None)])
        with self.assertRaises(search.Failed):
            search.Load.check(None, [('id', 'kept', None),
                                     ('id', 'refused', 'past its term')])


if __name__ == '__main__':
    unittest.main()
