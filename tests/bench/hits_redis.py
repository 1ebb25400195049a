#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of bench/hits_redis.py on cases that can be worked out by hand.

usage: hits_redis.py FOLDER, where the folder holds hits_redis.py
"""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
import hits_redis  # noqa: E402

LOOKUP = {'n': 10, 'p50_us': 95, 'p99_us': 135, 'max_us': 900}
UPDATE = {'n': 10, 'p50_us': 180, 'p99_us': 4616, 'max_us': 9000}


def hits(n=hits_redis.READS):
    return {'n': n, 'p50_us': 510, 'p99_us': 8581, 'max_us': 60000}


class Figures(unittest.TestCase):
    def test_microseconds_become_what_the_names_say(self):
        figures = hits_redis.figures_of(12.34, LOOKUP, UPDATE, hits(), 5000)
        self.assertEqual(figures, {
            'redis_entries': 5000, 'redis_load_s': 12.3, 'redis_p50_us': 95,
            'redis_p99_us': 135, 'update_ms': 4.62, 'read_to_hit_p50_ms': 0.51,
            'read_to_hit_p99_ms': 8.58})

    def test_one_hit_that_did_not_come_fails(self):
        with self.assertRaises(hits_redis.Failed):
            hits_redis.figures_of(1, LOOKUP, UPDATE,
                                  hits(hits_redis.READS - 1), 8)


class Lists(unittest.TestCase):
    def test_the_same_seed_draws_the_same_plates(self):
        first = list(hits_redis.plates(100, 3))
        self.assertEqual(first, list(hits_redis.plates(100, 3)))
        self.assertNotEqual(first, list(hits_redis.plates(100, 4)))

    def test_a_list_has_a_line_a_plate(self):
        with tempfile.TemporaryDirectory() as folder:
            path = hits_redis.write_list(folder, 'a', 7, ['1-XQZ-001'] * 3)
            with open(path, encoding='utf8') as file:
                lines = file.read().splitlines()
        self.assertEqual(len(lines), 9 + 3)
        self.assertIn('# priority: 7', lines)
        self.assertTrue(lines[-1].startswith('E2,1-XQZ-001,'))


if __name__ == '__main__':
    unittest.main()
