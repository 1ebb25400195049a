#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of bench/load.py on cases that can be worked out by hand.

usage: load.py FOLDER, where the folder holds load.py
"""
import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
import load  # noqa: E402


def camera(**more):
    report = {'frames': 100, 'arrived': 100, 'lag_ms': [5.0] * 100,
              'latency_ms': [50.0, 70.0], 'film_kib': 1024,
              'memory_kib': [10240] * 30, 'cpu_seconds': 2.0}
    return dict(report, **more)


class Holding(unittest.TestCase):
    def test_all_frames_in_time_hold(self):
        self.assertTrue(load.holds([camera(), camera()]))

    def test_one_dropped_frame_of_one_camera_is_enough(self):
        self.assertFalse(load.holds([camera(), camera(arrived=99)]))

    def test_frames_that_come_ever_later_do_not_hold(self):
        lags = [float(4 * i) for i in range(100)]
        self.assertFalse(load.holds([camera(lag_ms=lags)]))

    def test_a_late_frame_alone_is_no_growing_lag(self):
        lags = [5.0] * 90 + [200.0] + [5.0] * 9
        self.assertTrue(load.holds([camera(lag_ms=lags)]))

    def test_a_camera_of_which_nothing_came_does_not_hold(self):
        self.assertFalse(load.holds([camera(frames=0, arrived=0, lag_ms=[])]))


class Scores(unittest.TestCase):
    def test_cameras_are_added_up(self):
        score = load.score([camera(), camera(arrived=90)], 10)
        self.assertEqual(score['cameras'], 2)
        self.assertEqual(score['frames'], 200)
        self.assertEqual(score['dropped'], 10)
        self.assertEqual(score['passages'], 4)
        self.assertEqual(score['latency_ms_median'], 60.0)
        self.assertEqual(score['latency_ms_max'], 70.0)
        self.assertEqual(score['cores_busy'], 0.4)

    def test_no_passage_has_no_latency(self):
        score = load.score([camera(latency_ms=[])], 10)
        self.assertIsNone(score['latency_ms_p99'])


class Memory(unittest.TestCase):
    def test_the_film_does_not_count(self):
        self.assertEqual(
            load.score_memory([camera()], 600)['rss_mb_per_camera'], 9.0)

    def test_warm_up_is_no_growth(self):
        samples = [1024] * 9 + [9216] * 21
        self.assertEqual(load.memory_growth(samples), 0)

    def test_the_camera_that_grows_most_counts(self):
        growing = [10240 + 1024 * max(0, i - 15) for i in range(30)]
        score = load.score_memory(
            [camera(), camera(memory_kib=growing)], 600)
        self.assertEqual(score['rss_growth_mb_per_camera'], 13.0)

    def test_a_short_run_tells_no_growth(self):
        self.assertIsNone(load.score_memory([camera()], 20)[
            'rss_growth_mb_per_camera'])


class Searching(unittest.TestCase):
    def search(self, most_that_hold, **more):
        tried = []

        def try_cameras(number):
            tried.append(number)
            return {'cameras': number, 'holds': number <= most_that_hold}

        where = dict({'first': 8, 'step': 4, 'most': 24}, **more)
        return load.find_most(try_cameras, **where), tried

    def test_goes_up_until_they_do_not_hold(self):
        best, tried = self.search(17)
        self.assertEqual((best['cameras'], tried), (16, [8, 12, 16, 20]))

    def test_goes_down_one_by_one(self):
        best, tried = self.search(6)
        self.assertEqual((best['cameras'], tried), (6, [8, 7, 6]))

    def test_ends_at_the_most(self):
        self.assertEqual(self.search(100)[0]['cameras'], 24)

    def test_not_even_one(self):
        best, _ = self.search(0)
        self.assertEqual(best, {'cameras': 1, 'holds': False})


class Playing(unittest.TestCase):
    def test_reports_come_in_the_order_of_the_commands(self):
        commands = [['sh', '-c', 'echo "{\\"n\\": %d}"' % n] for n in range(3)]
        self.assertEqual(load.play(commands, dict(os.environ), 1),
                         [{'n': 0}, {'n': 1}, {'n': 2}])

    def test_a_camera_that_fails_is_an_error(self):
        with self.assertRaises(subprocess.SubprocessError):
            load.play([['true'], ['false']][1:], dict(os.environ), 1)


if __name__ == '__main__':
    unittest.main()
