#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program in another language reads and attaches plates by introspection."""
import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstAnpr', '1.0')
from gi.repository import Gst, GstAnpr  # noqa: E402

Gst.init(None)
frame = Gst.Buffer.new_allocate(None, 16, None)
meta = GstAnpr.buffer_add_anpr_meta(frame, 320, 240)
box = GstAnpr.Box()
box.x, box.y, box.width, box.height = 10, 20, 100, 22
plate = GstAnpr.Plate.new(box, 0.75)
plate.set_read(GstAnpr.Read.new(GstAnpr.ReadState.TEXT, '1-ABC-123', 0.5,
                                'test'))
assert plate.read.text == '1ABC123'
assert plate.read.raw == '1-ABC-123'
assert plate.box.width == 100
assert meta.add_plate(frame, plate)
assert meta.get_n_plates() == 1
assert meta.get_plate(0).read.text == '1ABC123'
assert GstAnpr.buffer_get_anpr_meta(frame).width == 320
assert GstAnpr.Plate.copy(plate).confidence == 0.75
assert GstAnpr.plate_key('1 abc.123') == '1ABC123'
print('ok')
