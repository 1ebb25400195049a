/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPRCTL_COMMAND_H
#define ANPRCTL_COMMAND_H

#include <glib.h>

G_BEGIN_DECLS

/* AnprctlStatus: exit status of anprctl */
typedef enum {
  ANPRCTL_DONE = 0,
  ANPRCTL_FAILED = 1, /* some failed, each named on stderr with its code */
  ANPRCTL_USAGE = 2,
} AnprctlStatus;

/**
 * AnprctlCommand:
 * @name: as typed behind anprctl
 * @arguments: what follows the options, for the usage line
 * @summary: what it does, one line
 * @description: more about it, for --help and the man page; paragraphs between
 *     empty lines, a paragraph that is indented stays as it is
 * @entries: its options; their variables belong to the command's file
 * @run: does it; @arguments is %NULL-terminated and may be empty
 *
 * One command. Help, man page and parsing are made from this alone.
 */
typedef struct {
  const gchar *name;
  const gchar *arguments;
  const gchar *summary;
  const gchar *description;
  const GOptionEntry *entries;
  AnprctlStatus (*run) (gchar **arguments);
} AnprctlCommand;

/**
 * AnprctlAction:
 * @name: as typed behind the command
 * @min_arguments: behind that, at least
 * @max_arguments: at most
 * @run: does it
 *
 * What may follow a command that has several.
 */
typedef struct {
  const gchar *name;
  guint min_arguments;
  guint max_arguments;
  AnprctlStatus (*run) (gchar **arguments);
} AnprctlAction;

AnprctlStatus anprctl_run_action (const AnprctlAction *actions, guint n_actions,
    gchar **arguments, const gchar *otherwise);

extern const AnprctlCommand anprctl_command_account;
extern const AnprctlCommand anprctl_command_read;
extern const AnprctlCommand anprctl_command_run;
extern const AnprctlCommand anprctl_command_passages;
extern const AnprctlCommand anprctl_command_export;
extern const AnprctlCommand anprctl_command_forward;
extern const AnprctlCommand anprctl_command_central;
extern const AnprctlCommand anprctl_command_search;
extern const AnprctlCommand anprctl_command_verify;
extern const AnprctlCommand anprctl_command_spool;
extern const AnprctlCommand anprctl_command_lists;
extern const AnprctlCommand anprctl_command_pipeline;
extern const AnprctlCommand anprctl_command_position;
extern const AnprctlCommand anprctl_command_status;

const AnprctlCommand *anprctl_command_get (guint i);
AnprctlStatus anprctl_failed (const gchar *subject, const GError *error);
AnprctlStatus anprctl_usage (const gchar *format, ...) G_GNUC_PRINTF (1, 2);
gchar *anprctl_man_page (void);

#define ANPRCTL_SUMMARY "Reads number plates from pictures, videos and cameras"

G_END_DECLS

#endif
