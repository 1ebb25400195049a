/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* When a jitter buffer leaves out packets.
 *
 * With drop-on-latency it leaves out packets that wait for longer than its
 * latency. That is right for a decoder that is too slow, which would fall ever
 * further behind, and wrong for every other: while a decoder is found and loaded,
 * or a busy machine lets it wait for half a second, packets go that nothing can be
 * decoded without before the next key frame; and many cameras send their last key
 * frame at once. So it is done only to a stream that stays more than a second
 * behind, and until it is no more. What waits is the difference of the RTP times
 * that went in and came out.
 *
 * Threads: they are set up by any, packets pass on those of streams, and the main
 * loop looks at them once a second.
 */

#include "jitterwatch.h"

/* A stream that has more waiting in its jitter buffer is behind, and no more when it
 * has less, RTP time of video, which is of 90 kHz in all formats */
#define BEHIND 90000
#define NOT_BEHIND 27000
/* For so many seconds, before packets are left out, and at least while they are */
#define BEHIND_SECONDS 3
#define DROPPING_SECONDS 10

typedef struct {
  GWeakRef buffer;
  gint wanted; /* the pipeline set drop-on-latency */
  gint ours;   /* it is set by ourselves now */
  gint in;     /* RTP time of the last packet */
  gint out;
  /* of the main loop */
  gboolean dropping;
  guint seconds; /* of being behind, or of dropping */
} Watch;

static void
watch_clear (gpointer data)
{
  g_weak_ref_clear (&((Watch *) data)->buffer);
}

static void
watch_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, watch_clear);
}

static void
on_closure_gone (gpointer data, GClosure *closure)
{
  watch_unref (data);
}

static void
set_drop (Watch *watch, GObject *buffer, gboolean drop)
{
  g_atomic_int_set (&watch->ours, TRUE);
  g_object_set (buffer, "drop-on-latency", drop, NULL);
  g_atomic_int_set (&watch->ours, FALSE);
}

static void
set_dropping (Watch *watch, GObject *buffer, gboolean dropping)
{
  watch->dropping = dropping;
  watch->seconds = 0;
  set_drop (watch, buffer, dropping);
}

static gboolean
on_second (gpointer data)
{
  Watch *watch = data;
  g_autoptr (GObject) buffer = g_weak_ref_get (&watch->buffer);
  gint32 waiting = (gint32) ((guint32) g_atomic_int_get (&watch->in)
                             - (guint32) g_atomic_int_get (&watch->out));

  if (!buffer)
    return G_SOURCE_REMOVE;
  if (!g_atomic_int_get (&watch->wanted))
    return G_SOURCE_CONTINUE;
  watch->seconds = watch->dropping || waiting > BEHIND ? watch->seconds + 1 : 0;
  if (!watch->dropping && watch->seconds >= BEHIND_SECONDS)
    set_dropping (watch, buffer, TRUE);
  else if (watch->dropping && watch->seconds >= DROPPING_SECONDS
           && waiting < NOT_BEHIND)
    set_dropping (watch, buffer, FALSE);
  return G_SOURCE_CONTINUE;
}

/* rtpbin says what the pipeline wants when the buffer is there already */
static void
on_drop_set (GObject *buffer, GParamSpec *spec, gpointer data)
{
  Watch *watch = data;
  gboolean drops;

  if (g_atomic_int_get (&watch->ours))
    return;
  g_object_get (buffer, "drop-on-latency", &drops, NULL);
  if (!drops)
    return;
  g_atomic_int_set (&watch->wanted, TRUE);
  set_drop (watch, buffer, FALSE);
}

/* RFC 3550, 5.1: the time is in octets 4 to 7 */
static void
take_time (GstPadProbeInfo *info, gint *time)
{
  guint8 octets[4];

  if (gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 4, octets, 4) == 4)
    g_atomic_int_set (time, (gint) GST_READ_UINT32_BE (octets));
}

static GstPadProbeReturn
on_packet_in (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  take_time (info, &((Watch *) data)->in);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_packet_out (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  take_time (info, &((Watch *) data)->out);
  return GST_PAD_PROBE_OK;
}

static void
watch_pad (GstElement *buffer, const gchar *name, GstPadProbeCallback callback,
    Watch *watch)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (buffer, name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback,
      g_atomic_rc_box_acquire (watch), watch_unref);
}

/**
 * anpr_jitter_watch:
 * @buffer: an rtpjitterbuffer that has just been made; any thread
 *
 * Watches it for as long as it is there, from the default main context.
 */
void
anpr_jitter_watch (GstElement *buffer)
{
  Watch *watch = g_atomic_rc_box_new0 (Watch);

  g_weak_ref_init (&watch->buffer, buffer);
  watch_pad (buffer, "sink", on_packet_in, watch);
  watch_pad (buffer, "src", on_packet_out, watch);
  on_drop_set (G_OBJECT (buffer), NULL, watch);
  g_signal_connect_data (buffer, "notify::drop-on-latency",
      G_CALLBACK (on_drop_set), g_atomic_rc_box_acquire (watch),
      on_closure_gone, 0);
  g_timeout_add_seconds_full (
      G_PRIORITY_DEFAULT, 1, on_second, watch, watch_unref);
}
