# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How many cameras a machine reads, from what each film-camera told.

A camera's report: frames (that were due), arrived, lag_ms (one a frame),
latency_ms (one a passage with a text), memory_kib (over time), film_kib (of
that, the film itself), cpu_seconds. What each of them is stands at the head of
load/film-camera.c.

Cameras hold if none dropped a frame and frames did not come ever later.
Memory is judged after a warm-up of a third of the time. Everything here works
on dictionaries and lists; only play() starts programs.
"""

import json
import statistics
import subprocess
import time

import detections

# Frames come ever later if those of the last quarter lag so much more than
# those of the second one: a frame at 25 a second
GROWING_LAG_MS = 40
WARM_UP = 1 / 3
# Share of the samples at either end that memory is the median of
ENDS = 0.1
# Growth says nothing before caches, queues and the votes of the first vehicles
# have filled
LEAST_SECONDS_FOR_GROWTH = 300
END_SECONDS = 90
BETWEEN_STARTS = 0.4


def part(values, begin, end):
    """The values from one share of the whole to another; one at least"""
    first = min(int(begin * len(values)), len(values) - 1)
    return values[first:max(int(end * len(values)), first + 1)]


def lag_growth(lags):
    """Milliseconds from the second quarter to the last; None of nothing"""
    if not lags:
        return None
    return (statistics.median(part(lags, 0.75, 1))
            - statistics.median(part(lags, 0.25, 0.5)))


def memory_growth(samples):
    """KiB from the end of the warm-up to the end; None of nothing"""
    if not samples:
        return None
    return (statistics.median(part(samples, 1 - ENDS, 1))
            - statistics.median(part(samples, WARM_UP, WARM_UP + ENDS)))


def dropped(report):
    return report['frames'] - report['arrived']


def holds(reports):
    return all(dropped(report) == 0 and report['lag_ms']
               and lag_growth(report['lag_ms']) < GROWING_LAG_MS
               for report in reports)


def score(reports, seconds):
    lags = [lag for report in reports for lag in report['lag_ms']]
    latencies = [latency for report in reports
                 for latency in report['latency_ms']]
    growths = [lag_growth(report['lag_ms']) for report in reports
               if report['lag_ms']]
    return {
        'cameras': len(reports),
        'holds': holds(reports),
        'seconds': seconds,
        'frames': sum(report['frames'] for report in reports),
        'dropped': sum(dropped(report) for report in reports),
        'lag_ms_p99': detections.rounded(
            detections.percentile(lags, 0.99), 1),
        'lag_ms_max': detections.rounded(max(lags, default=None), 1),
        'lag_growth_ms': detections.rounded(max(growths, default=None), 1),
        'passages': len(latencies),
        'latency_ms_median': detections.rounded(
            detections.percentile(latencies, 0.5), 1),
        'latency_ms_p99': detections.rounded(
            detections.percentile(latencies, 0.99), 1),
        'latency_ms_max': detections.rounded(max(latencies, default=None), 1),
        'cores_busy': round(
            sum(report['cpu_seconds'] for report in reports) / seconds, 3),
    }


def score_memory(reports, seconds):
    """Of the camera that takes most, and of the one that grows most"""
    resident = [report['memory_kib'][-1] - report['film_kib']
                for report in reports]
    growth = None
    if seconds >= LEAST_SECONDS_FOR_GROWTH:
        growth = max(memory_growth(report['memory_kib'])
                     for report in reports)
    return {
        'rss_mb_per_camera': round(max(resident) / 1024, 1),
        'rss_growth_mb_per_camera': detections.rounded(
            None if growth is None else growth / 1024, 2),
        'memory_seconds': seconds,
    }


def find_most(try_cameras, first, step, most):
    """The most cameras that hold, by try_cameras(number), which gives a score:
    from `first` upwards by `step`, or, if those do not hold, downwards one by
    one. Gives that score, or the one of a single camera."""
    best = try_cameras(first)
    if best['holds']:
        while best['cameras'] + step <= most:
            more = try_cameras(best['cameras'] + step)
            if not more['holds']:
                break
            best = more
        return best
    while not best['holds'] and best['cameras'] > 1:
        best = try_cameras(best['cameras'] - 1)
    return best


def play(commands, env, seconds):
    """Runs a process a camera, one begun shortly after the other, as their
    models and first frames cost most; gives their reports. Raises
    OSError, subprocess.SubprocessError or ValueError if one fails."""
    children = []
    reports = []
    try:
        for command in commands:
            children.append(subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
            time.sleep(BETWEEN_STARTS)
        for child in children:
            out, _ = child.communicate(timeout=seconds + END_SECONDS)
            if child.returncode != 0:
                raise subprocess.CalledProcessError(
                    child.returncode, child.args[0])
            reports.append(json.loads(out))
    finally:
        for child in children:
            if child.poll() is None:
                child.kill()
                child.wait()
    return reports
