/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_H
#define ANPR_WEB_H

#include "../fleet.h"

G_BEGIN_DECLS

/* Setting names of the section of anprd.conf that is the page's */
#define ANPR_WEB_GROUP "page"

/* The page's server: accounts, sessions, API, events, metrics */
typedef struct _AnprWeb AnprWeb;

AnprWeb *anpr_web_new (
    AnprFleet *fleet, const AnprConfiguration *configuration, GError **error);
void anpr_web_free (AnprWeb *web);
const gchar *anpr_web_get_address (const AnprWeb *web);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprWeb, anpr_web_free)

G_END_DECLS

#endif
