/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Passwords in files: never in arguments, properties or addresses, which every
 * account of the machine can read and which end in logs. */

#include "passwordfile.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const gchar *
find_fault (int file)
{
  struct stat status;

  if (fstat (file, &status) != 0 || !S_ISREG (status.st_mode))
    return "the password file is not a regular file";
  if (status.st_mode & (S_IRWXG | S_IRWXO) & ~S_IRGRP)
    return "the password file may be read by others; give it mode 0600 or 0640";
  return NULL;
}

static gchar *
read_line (int file, const gchar **fault)
{
  gchar text[ANPR_PASSWORD_FILE_MAX + 1];
  gssize n = read (file, text, ANPR_PASSWORD_FILE_MAX);
  gchar *password;

  if (n <= 0) {
    *fault = "the password file is empty or cannot be read";
    return NULL;
  }
  text[n] = '\0';
  text[strcspn (text, "\r\n")] = '\0';
  password = text[0] ? g_strdup (text) : NULL;
  explicit_bzero (text, sizeof text);
  if (!password)
    *fault = "the password file's line is empty";
  return password;
}

/**
 * anpr_password_file_read: (skip)
 * @name: of a file that its owner, and at most its group, may read; its first
 *     line is the password
 * @fault: (out): what is wrong, if something is
 *
 * Returns: (transfer full) (nullable): to be freed with anpr_password_free(), %NULL
 *     if there is none
 */
gchar *
anpr_password_file_read (const gchar *name, const gchar **fault)
{
  int file = open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gchar *password = NULL;

  *fault = file < 0 ? "the password file cannot be opened" : find_fault (file);
  if (!*fault)
    password = read_line (file, fault);
  if (file >= 0)
    close (file);
  return password;
}

/**
 * anpr_password_free: (skip)
 * @password: (nullable) (transfer full): wiped and freed
 */
void
anpr_password_free (gchar *password)
{
  if (!password)
    return;
  explicit_bzero (password, strlen (password));
  g_free (password);
}
