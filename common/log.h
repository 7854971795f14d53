/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines to syslog's mail facility or to standard error. Callable from any thread. */
#ifndef EASYMAIL_LOG_H
#define EASYMAIL_LOG_H

enum log_target {
	LOG_TARGET_SYSLOG, /* facility mail, beside Postfix's own lines; the default */
	LOG_TARGET_STDERR, /* one line each, "program[pid]: level: text"; journald or a terminal reads them */
};

/* `program` must outlive the process' last line. Call once, before any thread starts. */
void log_open(const char *program, enum log_target target) __attribute__((nonnull));

/*
 * Each writes one line. Control characters (also those of hostile input) come out as `?`, so a
 * value can never begin a line of its own.
 */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));

/* An alarm is an error that somebody has to act on now; its line begins with "ALARM ". */
void log_alarm(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull(1)));

#endif
