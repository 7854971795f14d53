/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts and globs as regular expressions, so that one engine does for all patterns. Results are for free(). */
#ifndef EASYMAIL_CONTENT_GLOB_H
#define EASYMAIL_CONTENT_GLOB_H

/* The whole value is this text. */
char *content_glob_exact(const char *text) __attribute__((nonnull));

/* It is somewhere in the value; a run of blanks stands for any such run, line ends among them. */
char *content_glob_piece(const char *text) __attribute__((nonnull));

/* The whole value is like it: * any octets, ? one character, [a-z] [!a-z] one of a set. A [ without its ] is
 * itself, and a backslash takes the meaning from what follows. */
char *content_glob_expression(const char *glob) __attribute__((nonnull));

#endif
