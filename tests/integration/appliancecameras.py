#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An appliance with cameras of every kind at once: 4K, five frames a second,
H.264, H.265 and MJPEG, over TCP and UDP. Each is read, and a plain one beside
them loses nothing. With ANPR_TEST_LONG=1 also 4K in H.265.
"""
import difflib
import json
import os
import signal
import subprocess
import sys

from appliancesite import (LONG, PATIENT, SCENE, Server, changed_pipeline,
                           run_site)

DECODE = 'filesrc location=%s ! decodebin ! videoconvert ! video/x-raw,format=I420'
H264 = '! x264enc speed-preset=ultrafast key-int-max=20 ! h264parse ! mp4mux'
H265 = '! x265enc speed-preset=ultrafast key-int-max=20 ! h265parse ! mp4mux'
LARGE = '! videoscale ! video/x-raw,width=3840,height=2160'


def rate(frames):
    return '! videorate ! video/x-raw,framerate=%d/1' % frames


# name: how its film is made, None for as it was drawn; how it is brought; its width
# and frames a second
CAMERAS = {
    'large': ('%s %s %s' % (rate(4), LARGE, H264), 'tcp', 3840, 4),
    'slow': ('%s %s' % (rate(5), H264), 'tcp', 640, 5),
    'jpeg': ('%s ! jpegenc ! qtmux' % rate(10), 'tcp', 640, 10),
    'jpeg-udp': ('%s ! jpegenc ! qtmux' % rate(10), 'udp', 640, 10),
    'hevc': ('%s %s' % (rate(12), H265), 'tcp', 640, 12),
    'udp': (None, 'udp', 640, 25),
}
if LONG:
    CAMERAS['large-hevc'] = ('%s %s %s' % (rate(4), LARGE, H265), 'tcp', 3840, 4)


def has_encoder(film):
    return 'x265enc' not in (film or '') or subprocess.run(
        ['gst-inspect-1.0', '--exists', 'x265enc'], check=False).returncode == 0


def make_film(site, name, how):
    if how is None:
        return site.film
    film = os.path.join(site.folder, name + '.mp4')
    subprocess.run(
        'gst-launch-1.0 -q %s %s ! filesink location=%s'
        % (DECODE % site.film, how, film), shell=True, check=True, timeout=200)
    return film


def prepare(site):
    site.servers, site.film_server = {}, Server(site.film)
    site.at_end.append(site.film_server.stop)
    for name, (how, transport, _, _) in CAMERAS.items():
        if not has_encoder(how):
            print('# %s: no encoder' % name)
            continue
        server = site.servers[name] = Server(make_film(site, name, how))
        site.at_end.append(server.stop)
        site.appliance.position(name, server.uri,
                                source='transport=%s\n' % transport,
                                stall=PATIENT)
    with open(os.path.join(site.folder, 'truth.jsonl'), 'w+b') as truth:
        subprocess.run([SCENE, '--scenario', 'one', '--truth', truth.name],
                       check=True)
        site.text = json.loads(truth.readline())['text']


def begins_whole(appliance, name):
    """Whether a packet was lost before the first picture; then it begins anew."""
    now = appliance.wait_camera(name, 'pictures', lambda one: (
        one['status']['decoded']))
    if now['status']['packets_lost'] == 0:
        return True
    print('# %s: %d packets lost at its beginning'
          % (name, now['status']['packets_lost']), flush=True)
    os.kill(now['pid'], signal.SIGKILL)
    appliance.wait_camera(name, 'another process', lambda one: (
        one['pid'] not in (0, now['pid'])))
    return False


def beginnings_are_whole(appliance, site):
    """over TCP no packet is lost while a stream begins and its decoder is found"""
    for name in site.servers:
        # on a busy machine a beginning may stay behind for so long that packets are
        # left out; not each time
        if CAMERAS[name][1] == 'tcp':
            assert any(begins_whole(appliance, name) for _ in range(5)), name


def every_kind_is_read(appliance, site):
    """cameras of every size, rate, codec and transport are read at once"""
    for name in site.servers:
        _, _, width, frames = CAMERAS[name]
        # enough for a passage
        appliance.wait_camera(name, 'reads', lambda one: (
            one['status']['reads'] >= 3))
        # told over five seconds, and what a busy machine leaves out is counted
        now = appliance.wait_camera(name, 'frames a second', lambda one, f=frames: (
            abs(one['status']['fps'] - f) < 0.25 * f or one['status']['dropped']))
        status = now['status']
        print('# %s: %d x %d, %.1f frames a second, %d dropped, %d packets lost, '
              '%d MiB' % (name, status['width'], status['height'], status['fps'],
                          status['dropped'], status['packets_lost'],
                          status['memory_bytes'] >> 20), flush=True)
        assert status['width'] == width, now
        assert status['reconnections'] == 0, now


def every_kind_is_kept(appliance, site):
    """what they saw is kept when they go"""
    for server in site.servers.values():
        server.stop()
    for name in site.servers:
        appliance.wait_camera(name, 'kept', lambda one: one['total']['kept'])
        texts = [record['plates'][0]['text']
                 for record in appliance.passages(name) if record['plates']]
        if appliance.camera(name)['total']['dropped']:
            continue  # on a busy machine perhaps those that could be read
        assert any(difflib.SequenceMatcher(None, text, site.text).ratio() >= 0.7
                   for text in texts), (name, texts, site.text)
    for server in site.servers.values():
        server.start()
    for name in site.servers:
        appliance.wait_pictures(name)


# takes a tenth of a second for each picture, of which 25 come
SLOW = [('decodebin', 'rtph264depay ! h264parse ! identity sleep-time=100000 ! '
                      'avdec_h264')]


def decoder_is_too_slow(appliance, site):
    """a decoder that is too slow does not fall ever further behind"""
    appliance.write('late.launch', changed_pipeline(SLOW))
    appliance.position('late', site.film_server.uri, stall=PATIENT,
                       more='[pipeline]\nname=%s\n'
                       % appliance.path('late.launch'))
    now = appliance.wait_camera('late', 'packets are left out', lambda one: (
        one['status']['packets_lost']))
    assert now['state'] == 'running' and now['starts'] == 1, now


CASES = [beginnings_are_whole, every_kind_is_read, every_kind_is_kept,
         decoder_is_too_slow]

if __name__ == '__main__':
    sys.exit(run_site(CASES, begin=prepare))
