/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_APPROVAL_H
#define ANPR_WEB_APPROVAL_H

#include "web-private.h"

G_BEGIN_DECLS

/**
 * AnprApproval:
 * @user: (nullable): who approves; %NULL if the request names nobody
 * @password: (nullable): that was entered
 * @hash: (nullable): of theirs; %NULL if there is no such account, or it may not
 * @own: whether they chose it themselves
 * @looked_at: the password was compared
 * @right: and it is the right one
 */
typedef struct {
  gchar *user;
  gchar *password;
  gchar *hash;
  gboolean own;
  gboolean looked_at;
  gboolean right;
} AnprApproval;

gboolean anpr_approval_is_delayed (AnprRequest *request, const gchar *user);
gboolean anpr_approval_take (AnprRequest *request, AnprApproval *approval);
gboolean anpr_approval_check (AnprRequest *request, AnprApproval *approval);
void anpr_approval_end (AnprRequest *request, const AnprApproval *approval);
void anpr_approval_clear (AnprApproval *approval);

G_END_DECLS

#endif
