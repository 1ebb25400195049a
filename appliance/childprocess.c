/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Processes that anprd begins, and what they may take.
 *
 * A child is in a process group of its own, gains no privileges, writes no core
 * (it holds pictures and a password), has bounded memory, descriptors and stacks,
 * and inherits nothing but the environment, standard error and one socket, its
 * channel; it does not speak for anprd to systemd. When its
 * parent dies it gets SIGHUP.
 *
 * Bounds of memory: the kernel's bound is on private writable memory, at four
 * times of what is normal: it is for what grows within a moment, such as a
 * decoder fed with sizes that are none. Hit lists are mapped files and count in
 * neither. What grows slowly is seen by the supervisor, who reads the resident
 * size.
 */

#include "childprocess.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 512
/* of each thread; GStreamer's need far less */
#define STACK_SIZE (2 * 1024 * 1024)
#define MEMORY_FACTOR 4
/* First time between an end and the next start, milliseconds */
#define FIRST_DELAY 250
/* Delays differ by so much, so that children that failed together do not begin
 * together */
#define JITTER 0.25

typedef struct {
  AnprChildLimits limits;
  gint parent;
} ChildSetup;

static void
limit (gint what, rlim_t most)
{
  struct rlimit bound = { most, most };

  (void) setrlimit (what, &bound);
}

/* Runs between fork and exec: system calls only */
static void
set_up_child (gpointer data)
{
  const ChildSetup *setup = data;
  sigset_t none;

  (void) setpgid (0, 0);
  (void) prctl (PR_SET_PDEATHSIG, SIGHUP);
  if (getppid () != setup->parent)
    _exit (1); /* it died before it could be told of */
  (void) prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit (RLIMIT_CORE, 0);
  limit (RLIMIT_NOFILE, MAX_DESCRIPTORS);
  limit (RLIMIT_STACK, STACK_SIZE);
#ifndef __SANITIZE_THREAD__ /* its shadow takes terabytes of addresses */
  if (setup->limits.memory > 0)
    limit (RLIMIT_DATA, setup->limits.memory * MEMORY_FACTOR);
#endif
  if (setup->limits.nice > 0)
    (void) setpriority (PRIO_PROCESS, 0, setup->limits.nice);
  sigemptyset (&none);
  (void) sigprocmask (SIG_SETMASK, &none, NULL);
}

/**
 * anpr_child_process_find:
 * @name: of a program of this project
 *
 * Returns: (transfer full): its path beside this program, as installed and as
 *     built, else its name, to be found in PATH
 */
gchar *
anpr_child_process_find (const gchar *name)
{
  g_autofree gchar *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree gchar *folder = self ? g_path_get_dirname (self) : NULL;
  g_autofree gchar *path =
      folder ? g_build_filename (folder, name, NULL) : NULL;

  if (path && g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&path);
  return g_strdup (name);
}

/**
 * anpr_child_process_spawn:
 * @arguments: (array zero-terminated=1): the program and its arguments; anyone on
 *     the machine can read them
 * @limits: what it may take
 * @channel: (out): our end of its channel
 * @error: why it could not be begun
 *
 * The child must be waited for, by g_child_watch_add().
 *
 * Returns: its process id, or 0
 */
gint
anpr_child_process_spawn (const gchar *const *arguments,
    const AnprChildLimits *limits, gint *channel, GError **error)
{
  ChildSetup setup = { *limits, getpid () };
  gint ends[2];
  const gint target = limits->channel ? limits->channel : ANPR_CHILD_CHANNEL;
  const GSpawnFlags flags =
      G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH
      | (target == ANPR_CHILD_CHANNEL ? G_SPAWN_STDOUT_TO_DEV_NULL : 0);
  g_auto (GStrv) environment =
      g_environ_unsetenv (g_get_environ (), "NOTIFY_SOCKET");
  GPid pid = 0;
  gboolean begun;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno),
        g_strerror (errno));
    return 0;
  }
  begun = g_spawn_async_with_pipes_and_fds (NULL, arguments,
      (const gchar *const *) environment, flags, set_up_child, &setup, -1, -1,
      -1, &ends[1], &target, 1, &pid, NULL, NULL, NULL, error);
  close (ends[1]);
  if (!begun) {
    close (ends[0]);
    return 0;
  }
  *channel = ends[0];
  return pid;
}

/**
 * anpr_child_process_get_memory:
 * @pid: of a process
 *
 * Returns: its resident memory without the pages of mapped files, bytes; 0 if it
 *     cannot be told
 */
guint64
anpr_child_process_get_memory (gint pid)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/%d/statm", pid);
  g_autofree gchar *text = NULL;
  gulong size, resident, shared;

  if (!g_file_get_contents (path, &text, NULL, NULL)
      || sscanf (text, "%lu %lu %lu", &size, &resident, &shared) != 3
      || shared > resident)
    return 0;
  return (guint64) (resident - shared) * sysconf (_SC_PAGESIZE);
}

/**
 * anpr_child_process_explain_end:
 * @wait_status: as a child watch gives it
 *
 * Returns: (transfer full): how it ended, in words
 */
gchar *
anpr_child_process_explain_end (gint wait_status)
{
  if (WIFSIGNALED (wait_status))
    return g_strdup_printf ("it was ended by signal %d (%s)",
        WTERMSIG (wait_status), g_strsignal (WTERMSIG (wait_status)));
  return g_strdup_printf ("it ended with status %d", WEXITSTATUS (wait_status));
}

/**
 * anpr_back_off_next:
 * @back_off: when it was tried before
 * @longest_seconds: longest delay
 *
 * Returns: milliseconds until the next try
 */
guint
anpr_back_off_next (AnprBackOff *back_off, gdouble longest_seconds)
{
  gdouble delay =
      MIN ((gdouble) FIRST_DELAY * (1u << MIN (back_off->tries, 20)),
          longest_seconds * 1000);

  back_off->tries++;
  return (guint) (delay * g_random_double_range (1 - JITTER, 1 + JITTER));
}

/**
 * anpr_back_off_reset:
 * @back_off: what was tried went well
 */
void
anpr_back_off_reset (AnprBackOff *back_off)
{
  back_off->tries = 0;
}
