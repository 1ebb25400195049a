# SPDX-License-Identifier: LGPL-2.1-or-later
"""A camera that means no good: an RTSP server (RFC 2326, interleaved) that plays
an H.264 film as it is, or does to it, and to RTSP, what no camera should.

    camera = HostileCamera(units)
    camera.behave(flipped)      # those connected are thrown out
    camera.behave(Behaviour())  # well again

What it does is a Behaviour: answers to requests, and what is sent after PLAY.
Random numbers have a seed, so each run sends the same. A thread for each
connection, a bounded number of them; all end with stop().
"""
import contextlib
import random
import select
import socket
import struct
import subprocess
import threading
import time

FPS = 25
PAYLOAD = 1200
IDR, SPS, PPS = 5, 7, 8


def read_units(film, limit=20):
    """Access units of an H.264 film in MP4, each a list of NAL units."""
    stream = subprocess.run(
        ['gst-launch-1.0', '-q', 'filesrc', 'location=' + film, '!', 'qtdemux',
         '!', 'h264parse', 'config-interval=-1', '!',
         'video/x-h264,stream-format=byte-stream,alignment=au', '!', 'fdsink'],
        check=True, timeout=limit, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE).stdout
    nals = [nal.rstrip(b'\0') for nal in stream.split(b'\0\0\1') if nal]
    units, slices = [[]], False
    for nal in filter(None, nals):
        kind = nal[0] & 31
        is_slice = kind in (1, IDR)
        if slices and (not is_slice or nal[1] & 0x80):  # first_mb_in_slice is 0
            units.append([])
            slices = False
        units[-1].append(nal)
        slices |= is_slice
    return [unit for unit in units if unit]


class Bits:
    def __init__(self):
        self.text = ''

    def put(self, value, n):
        self.text += format(value, '0%db' % n)
        return self

    def golomb(self, *values):
        for value in values:
            digits = format(value + 1, 'b')
            self.text += '0' * (len(digits) - 1) + digits
        return self

    def nal(self, header):
        bits = self.text + '1'
        bits += '0' * (-len(bits) % 8)
        return bytes([header]) + int(bits, 2).to_bytes(len(bits) // 8, 'big')


def make_sps(width, height, crop=0):
    """Of the baseline profile, level 6.2; @crop: pixels cut off at the right"""
    bits = Bits().put(66, 8).put(0, 8).put(62, 8)
    bits.golomb(0, 0, 2, 1).put(0, 1)  # ids, frame numbers, order 2, 1 reference
    bits.golomb(width // 16 - 1, height // 16 - 1).put(1, 1).put(1, 1)
    bits.put(1 if crop else 0, 1)
    if crop:
        bits.golomb(0, crop // 2, 0, 0)
    return bits.put(0, 1).nal(0x67)


def make_pps():
    bits = Bits().golomb(0, 0).put(0, 2).golomb(0, 0, 0).put(0, 3)
    return bits.golomb(0, 0, 0).put(0, 3).nal(0x68)


def fragment(nal):
    """RTP payloads of a NAL unit, RFC 6184"""
    if len(nal) <= PAYLOAD:
        return [nal]
    indicator, kind = nal[0] & 0xe0 | 28, nal[0] & 31
    parts = [nal[at:at + PAYLOAD] for at in range(1, len(nal), PAYLOAD)]
    return [bytes([indicator, kind | (0x80 if i == 0 else 0)
                   | (0x40 if i == len(parts) - 1 else 0)]) + part
            for i, part in enumerate(parts)]


SDP = ('v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\na=control:*\r\n'
       '%s')
MEDIA = ('m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n'
         'a=fmtp:96 packetization-mode=1\r\na=control:track%d\r\n')


class Behaviour:
    """A good camera. Made for one connection after the other."""
    fps = FPS

    def __init__(self, uri=''):
        self.uri, self.chance = uri, random.Random(1)

    def description(self):
        return SDP % (MEDIA % 1)

    def answer(self, method, headers, body=''):
        """What is sent for a request; an iterator, which may never end"""
        yield ('RTSP/1.0 200 OK\r\nCSeq: %s\r\nSession: 1;timeout=60\r\n%s\r\n%s'
               % (headers['cseq'], self.headers(method, body), body)).encode()

    def headers(self, method, body):
        return {
            'OPTIONS': 'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n',
            'DESCRIBE': 'Content-Type: application/sdp\r\n'
                        'Content-Length: %d\r\n' % len(body),
            'SETUP': 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n',
        }.get(method, '')

    def respond(self, method, headers):
        body = self.description() if method == 'DESCRIBE' else ''
        return self.answer(method, headers, body)

    def play(self, units):
        """Lists of RTP payloads with their time, one for each frame"""
        number = 0
        while True:
            for unit in units:
                payloads = [part for nal in unit for part in fragment(nal)]
                yield self.frame(number, payloads)
                number += 1

    def frame(self, number, payloads):
        return number * 90000 // FPS, payloads


class Connection(threading.Thread):
    def __init__(self, camera, client):
        super().__init__(daemon=True)
        self.camera, self.client = camera, client
        self.behaviour = camera.behaviour(camera.uri)
        self.sequence, self.pending, self.ended = 0, b'', False
        self.frames = None

    def run(self):
        with contextlib.suppress(OSError, ValueError):
            self.client.settimeout(5)
            while not self.ended:
                self.serve()
        self.client.close()

    def end(self):
        self.ended = True
        with contextlib.suppress(OSError):
            self.client.shutdown(socket.SHUT_RDWR)

    def serve(self):
        """Until something is to be sent or was received"""
        pause = 0.2
        if self.frames:
            pause = max(0, self.due - time.monotonic())
        if select.select([self.client], [], [], pause)[0]:
            self.receive()
        elif self.frames:
            self.send_frame()

    def receive(self):
        received = self.client.recv(65536)
        if not received:
            self.ended = True
        self.pending += received
        while self.take_request():
            pass

    def take_request(self):
        if self.pending[:1] == b'$':  # RTCP of the client
            length = 4 + int.from_bytes(self.pending[2:4], 'big')
            whole = len(self.pending) >= max(length, 4)
            self.pending = self.pending[length if whole else 0:]
            return whole
        head, end, rest = self.pending.partition(b'\r\n\r\n')
        if not end:
            return False
        self.pending = rest
        lines = head.decode('latin1').split('\r\n')
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(':') for line in lines[1:])}
        method = lines[0].split(' ')[0]
        for part in self.behaviour.respond(method, headers):
            if self.ended:
                return False
            self.client.sendall(part)
        if method == 'PLAY':
            self.due = time.monotonic()
            self.frames = self.behaviour.play(self.camera.units)
        return True

    def send_frame(self):
        frame = next(self.frames, None)
        self.due += 1 / self.behaviour.fps
        if frame is None:
            return
        moment, payloads = frame
        packets = b''
        for i, payload in enumerate(payloads):
            marker = 0x80 if i == len(payloads) - 1 else 0
            packet = struct.pack('>BBHII', 0x80, 96 | marker, self.sequence,
                                 moment & 0xffffffff, 1) + payload
            self.sequence = self.sequence + 1 & 0xffff
            packets += struct.pack('>cBH', b'$', 0, len(packet)) + packet
        self.client.sendall(packets)


class HostileCamera:
    MAX_CONNECTIONS = 64

    def __init__(self, units):
        self.units, self.behaviour = units, Behaviour
        self.connections, self.accepted = [], 0
        self.on_connection = None  # called by another thread
        self.server = socket.create_server(('127.0.0.1', 0), backlog=8)
        self.uri = 'rtsp://127.0.0.1:%d/cam' % self.server.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return  # stopped
            if self.on_connection:
                self.on_connection()
            self.accepted += 1
            self.connections = [one for one in self.connections
                                if one.is_alive()]
            if len(self.connections) >= self.MAX_CONNECTIONS:
                client.close()
                continue
            self.connections.append(Connection(self, client))
            self.connections[-1].start()

    def behave(self, behaviour=Behaviour, at_once=True):
        """From the next connection on; @at_once: which is now"""
        self.behaviour = behaviour
        if at_once:
            for connection in list(self.connections):
                connection.end()

    def stop(self):
        self.server.close()
        self.behave()


class PassingCamera(HostileCamera):
    """One that means well, and shows the vehicle of the scene `one` as soon as its
    plate is legible. Its passage is closed when pass_by() makes it connect anew,
    and another one begins."""
    LEGIBLE = 50  # a key frame

    def __init__(self, film):
        super().__init__(read_units(film)[self.LEGIBLE:])

    def pass_by(self):
        self.behave()


# --- what is wrong with the pictures --------------------------------------------


class Flipped(Behaviour):
    """bits flipped at random"""

    def play(self, units):
        return super().play([[self.damage(nal) for nal in unit]
                             for unit in units])

    def damage(self, nal):
        if nal[0] & 31 not in (1, IDR):
            return nal
        damaged = bytearray(nal)
        for _ in range(1 + len(nal) // 100):
            damaged[self.chance.randrange(1, len(nal))] ^= \
                1 << self.chance.randrange(8)
        return bytes(damaged)


class DamagedForASecond(Flipped):
    """bits flipped at random in the first second"""

    def play(self, units):
        damaged, whole = super().play(units), Behaviour.play(self, units)
        for number, frame in enumerate(whole):
            yield next(damaged) if number < FPS else frame


class Truncated(Behaviour):
    """NAL units and fragments that end early or are missing"""

    def frame(self, number, payloads):
        cut = [part[:self.chance.randrange(len(part) + 1)]
               if self.chance.random() < 0.5 else part
               for part in payloads if self.chance.random() < 0.8]
        return super().frame(number, cut)


class Noise(Behaviour):
    """packets of random octets, of every NAL unit type"""

    def play(self, units):
        number = 0
        while True:
            yield self.frame(number, [
                self.chance.randbytes(self.chance.randrange(PAYLOAD))
                for _ in range(4)])
            number += 1


class Absurd(Behaviour):
    """sizes that no picture has"""
    SIZES = [(16384, 16384, 0), (16, 16, 16), (65536, 16, 0), (8192, 8192, 0)]

    def play(self, units):
        number = 0
        while True:
            width, height, crop = self.SIZES[number % len(self.SIZES)]
            picture = bytes([0x65]) + self.chance.randbytes(3000)
            yield self.frame(number, [
                part for nal in (make_sps(width, height, crop), make_pps(),
                                 picture) for part in fragment(nal)])
            number += 1


class Flood(Behaviour):
    """frames as fast as the network takes them, all of one moment"""
    fps = 1e6

    def frame(self, number, payloads):
        return 0, payloads


class Times(Behaviour):
    """times that jump ahead and back, and stand still"""
    JUMPS = [0, 90000 * 3600, -90000 * 3600, 0x7fffffff, 12, 90000 * 86400]

    def frame(self, number, payloads):
        moment, payloads = super().frame(number, payloads)
        second = number // FPS
        if second % 3 == 2:
            moment = 90000 * second  # stands still
        return moment + self.JUMPS[second % len(self.JUMPS)], payloads


# --- what is wrong with RTSP ------------------------------------------------------


class Answers(Behaviour):
    """A bad answer to one method"""
    METHOD = 'OPTIONS'

    def respond(self, method, headers):
        if method == self.METHOD:
            return self.bad(headers)
        return super().respond(method, headers)


class Nonsense(Answers):
    """rubbish"""

    def bad(self, headers):
        yield (b'RTSP/1.0 200 OK\r\nCSeq: %s\r\nContent-Length: 9'
               % headers['cseq'].encode() + self.chance.randbytes(30000))


class GiantHeader(Answers):
    """a header of 2 MiB"""

    def bad(self, headers):
        yield b'RTSP/1.0 200 OK\r\nCSeq: %s\r\nPublic: ' % \
            headers['cseq'].encode()
        for _ in range(32):
            yield b'x' * 65536
        yield b'\r\n\r\n'


class EndlessHeaders(Answers):
    """headers without end"""

    def bad(self, headers):
        yield b'RTSP/1.0 200 OK\r\nCSeq: %s\r\n' % headers['cseq'].encode()
        while True:
            yield b'X-Header: 0123456789\r\n' * 1000


class EndlessBody(Answers):
    """a body of 900 MB"""
    METHOD = 'DESCRIBE'

    def bad(self, headers):
        yield (b'RTSP/1.0 200 OK\r\nCSeq: %s\r\nContent-Type: application/sdp\r\n'
               b'Content-Length: 900000000\r\n\r\n' % headers['cseq'].encode())
        while True:
            yield b'a=x\r\n' * 10000


class ManyMedia(Behaviour):
    """a description of 500 media"""

    def description(self):
        return SDP % ''.join(MEDIA % i for i in range(500))


class LargeDescription(Behaviour):
    """a description of 8 MiB"""

    def description(self):
        return SDP % (MEDIA % 1) + 'a=x:' + 'y' * (8 << 20) + '\r\n'


class BlackHole(Behaviour):
    """takes connections and says nothing"""

    def respond(self, method, headers):
        return iter(())


class Drip(Behaviour):
    """an octet now and then"""

    def answer(self, method, headers, body=''):
        for answer in super().answer(method, headers, body):
            for at in range(len(answer)):
                time.sleep(0.5)
                yield answer[at:at + 1]


class Silence(Behaviour):
    """plays a second and then nothing, on a connection that stays"""

    def play(self, units):
        for number, frame in enumerate(super().play(units)):
            if number == FPS:
                return
            yield frame


class NoPackets(Behaviour):
    """packets over UDP that never come, as behind a firewall"""

    def headers(self, method, body):
        if method != 'SETUP':
            return super().headers(method, body)
        return 'Transport: %s;server_port=9-9\r\n' % self.transport

    def respond(self, method, headers):
        self.transport = headers.get('transport', '').split(',')[0]
        return super().respond(method, headers)

    def play(self, units):
        return iter(())


class Redirect(Answers):
    """sends to itself, again and again"""
    METHOD = 'DESCRIBE'

    def bad(self, headers):
        yield (b'RTSP/1.0 302 Moved\r\nCSeq: %s\r\nLocation: %s\r\n\r\n' %
               (headers['cseq'].encode(), self.where().encode()))

    def where(self):
        return self.uri


class RedirectElsewhere(Redirect):
    """sends to where nobody is"""

    def where(self):
        return 'rtsp://127.0.0.1:1/cam'


class RefusesPassword(Answers):
    """refuses every password"""
    METHOD = 'DESCRIBE'
    times = 0

    def bad(self, headers):
        RefusesPassword.times += 1
        yield (b'RTSP/1.0 401 Unauthorized\r\nCSeq: %s\r\n'
               b'WWW-Authenticate: Digest realm="camera", nonce="1"\r\n\r\n'
               % headers['cseq'].encode())


class Interleaved(Behaviour):
    """data on channels nobody asked for, and lengths that are wrong"""

    def answer(self, method, headers, body=''):
        for answer in super().answer(method, headers, body):
            yield b'$\x42\x00\x04abcd' + answer
        if method == 'PLAY':
            yield b'$\x07\x00\x00$\x00\x00\x01\x80$\x01\xff\xff'
            while True:
                yield self.chance.randbytes(65536)
