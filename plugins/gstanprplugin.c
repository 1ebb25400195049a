/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/gst.h>

#ifdef HAVE_PLATEDETECT
GST_ELEMENT_REGISTER_DECLARE (platedetect);
#endif
#ifdef HAVE_PLATETRACK
GST_ELEMENT_REGISTER_DECLARE (platetrack);
#endif
#ifdef HAVE_PLATEOCR
GST_ELEMENT_REGISTER_DECLARE (plateocr);
#endif
#ifdef HAVE_HITMATCH
GST_ELEMENT_REGISTER_DECLARE (hitmatch);
#endif
#ifdef HAVE_ANPRSINK
GST_ELEMENT_REGISTER_DECLARE (anprsink);
#endif
#ifdef HAVE_PLATEOVERLAY
GST_ELEMENT_REGISTER_DECLARE (plateoverlay);
#endif

static gboolean
plugin_init (GstPlugin *plugin)
{
  gboolean registered = FALSE;

#ifdef HAVE_PLATEDETECT
  registered |= GST_ELEMENT_REGISTER (platedetect, plugin);
#endif
#ifdef HAVE_PLATETRACK
  registered |= GST_ELEMENT_REGISTER (platetrack, plugin);
#endif
#ifdef HAVE_PLATEOCR
  registered |= GST_ELEMENT_REGISTER (plateocr, plugin);
#endif
#ifdef HAVE_HITMATCH
  registered |= GST_ELEMENT_REGISTER (hitmatch, plugin);
#endif
#ifdef HAVE_ANPRSINK
  registered |= GST_ELEMENT_REGISTER (anprsink, plugin);
#endif
#ifdef HAVE_PLATEOVERLAY
  registered |= GST_ELEMENT_REGISTER (plateoverlay, plugin);
#endif
  return registered;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, anpr,
    "Number plate recognition: detect, track, read, match and keep",
    plugin_init, PACKAGE_VERSION, "LGPL", PACKAGE, GST_PACKAGE_ORIGIN)
