/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* An anprsink with a stream, in a folder of the test.
 *
 * Its source pad has no source behind it, so to the sink the stream is not
 * live; a GstHarness always is. The functions fail the test themselves. */

#ifndef TEST_SINK_FIXTURE_H
#define TEST_SINK_FIXTURE_H

#include <gst/check/gstcheck.h>

#include "plugins/record/passage.h"

extern gchar *spool_path;
extern gchar *json_path;
extern GstElement *sink;
extern GstPad *source;
extern GstBus *bus;

void sink_setup (void);
void sink_teardown (void);
void make_spool_folder (void);
void start (const gchar *location, const gchar *json);
void stop (void);
AnprStill *new_still (guint width, guint height, guint8 luma, guint8 noise);
AnprPassage *new_passage (gboolean hit, AnprStill *still);
void push_passages (guint n, gboolean hit, AnprStill *still);
void push_eos (void);

/* Warnings with that code; takes all messages */
guint count_warnings (const gchar *code);
guint64 stat_of (GstElement *element, const gchar *name);
int make_stuck_pipe (void);

#endif
