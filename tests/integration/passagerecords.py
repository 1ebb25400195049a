# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records of schema anpr.passage/1, for tests of the central database: a position
and its chain of invented passages."""
import datetime
import hashlib
import json
import random
import time
import uuid

SECOND = 1000000


def utc(text):
    """Microseconds since 1970 of an ISO time"""
    at = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
    return round((at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc))
                 / datetime.timedelta(microseconds=1))


def now():
    return time.time_ns() // 1000


def iso(microseconds):
    at = datetime.datetime(1970, 1, 1) + datetime.timedelta(
        microseconds=microseconds)
    return at.isoformat(timespec='microseconds') + 'Z'


def identifier(microseconds):
    """A UUIDv7 of that time"""
    return str(uuid.UUID(int=microseconds // 1000 << 80 | 7 << 76
                         | random.getrandbits(12) << 64 | 2 << 62
                         | random.getrandbits(62)))


def hit(plate='1ABC123', **fields):
    return dict(dict(
        id=str(uuid.uuid4()), list='stolen', version='7', entry='E1', plate=plate,
        authority='Zone', reference='R 1', category='stolen', measure='stop',
        warning=None, reason=None, priority=5, purpose='J1', grade='exact',
        differing='', matched=plate, likelihood=0.99, signs=[],
        country_grade='agree', list_age_s=60, covert=False, late=False,
        state='unverified'), **fields)


def still(jpeg, kind='plate'):
    """What a record tells of a still"""
    return dict(kind=kind, sha256=hashlib.sha256(jpeg).hexdigest(),
                bytes=len(jpeg))


def plate_fields(text):
    return dict(
        role='vehicle', state='read' if text else 'not read', text=text or '',
        raw=text or '', confidence=0.97 if text else 0, lines=1, characters=[],
        candidates=[dict(text=text, confidence=0.97),
                    dict(text='1X' + text[2:], confidence=0.02)] if text else [],
        countries=[dict(code='BE', score=0.9)] if text else [], engine='ctc',
        box=dict(x=1.0, y=2.0, w=90.0, h=20.0), detection_confidence=0.9,
        frames=12, reads=5, agreeing=5)


def sealed(fields):
    """The line of a record and its hash"""
    text = json.dumps(dict(fields, hash=None), separators=(',', ':'),
                      ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return '%s"%s"}' % (text[:-len('null}')], digest), digest


class Position:
    """A position's passages one after the other, as its spool has them"""

    def __init__(self, name='gate'):
        self.name, self.sequence, self.hash = name, 0, None

    def fields(self, seen=None, text='1ABC123', **others):
        """Of the next record, before it has its hash"""
        seen = now() if seen is None else seen
        return dict(dict(
            schema='anpr.passage/1', id=identifier(seen), device='box',
            position=self.name, sequence=self.sequence + 1, state='lost',
            first_seen=iso(seen - SECOND), best_seen=iso(seen),
            last_seen=iso(seen + SECOND),
            clock=dict(source='host', synchronised=True, offset_us=100),
            direction='in', lane=None, plates=[plate_fields(text)], hits=[],
            compared=[dict(list='stolen', version='7')], images=[],
            previous_hash=self.hash), **others)

    def record(self, *arguments, **others):
        """The next record's line"""
        line, self.hash = sealed(self.fields(*arguments, **others))
        self.sequence += 1
        return line
