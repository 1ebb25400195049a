/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_SECTION_H
#define ANPR_HITMATCH_LIST_SECTION_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _AnprListSection AnprListSection;

AnprListSection *anpr_list_section_new (const gchar *folder);
void anpr_list_section_free (AnprListSection *section);
void anpr_list_section_append (
    AnprListSection *section, gconstpointer data, gsize size);
guint64 anpr_list_section_get_length (const AnprListSection *section);
gint anpr_list_section_get_fault (const AnprListSection *section);
gpointer anpr_list_section_map (AnprListSection *section);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprListSection, anpr_list_section_free)

G_END_DECLS

#endif
