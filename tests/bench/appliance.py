#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of bench/appliance.py on cases that can be worked out by hand.

usage: appliance.py FOLDER, where the folder holds appliance.py
"""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
import appliance  # noqa: E402


def camera(starts=1, **more):
    status = {'decoded': 100, 'dropped': 1, 'passages': 2, 'cpu_us': 1000000,
              'memory_bytes': 100 * 2**20}
    return {'starts': starts, 'status': dict(status, **more)}


class Scores(unittest.TestCase):
    def score(self, *later):
        names = 'abcdefgh'[:len(later)]
        before = {name: camera() for name in names}
        return appliance.score(before, dict(zip(names, later)), 10.0,
                               [(60.0, 50.0), (40.0, 30.0)][:len(later)])

    def test_only_what_happened_in_between_counts(self):
        score = self.score(camera(decoded=150, dropped=4, passages=2))
        self.assertEqual(score['pictures_per_second_per_camera'], 5.0)
        self.assertEqual(score['dropped'], 3)
        self.assertEqual(score['passages'], 0)

    def test_cameras_are_added_up(self):
        score = self.score(camera(decoded=150, cpu_us=6000000),
                           camera(decoded=130, cpu_us=2000000))
        self.assertEqual(score['cameras'], 2)
        self.assertEqual(score['pictures_per_second_per_camera'], 4.0)
        self.assertEqual(score['cores_busy'], 0.6)

    def test_memory_is_that_of_the_largest_and_the_mean_share(self):
        score = self.score(camera(memory_bytes=120 * 2**20), camera())
        self.assertEqual(score['rss_mb_max'], 120.0)
        self.assertEqual(score['pss_mb_per_camera'], 50.0)
        self.assertEqual(score['private_mb_max'], 50.0)

    def test_processes_begun_anew_count(self):
        self.assertEqual(self.score(camera(starts=3), camera())['restarts'], 2)


class Memory(unittest.TestCase):
    def test_a_process_shares_less_than_it_has(self):
        share, private = appliance.memory_of(os.getpid())
        self.assertGreater(private, 0)
        self.assertGreaterEqual(share, private - 0.1)


if __name__ == '__main__':
    unittest.main()
