/* SPDX-License-Identifier: BSD-2-Clause */
/* What a worker may do: read its message, answer, and write into a directory of its own. */
#ifndef EASYMAIL_SCANNER_JAIL_H
#define EASYMAIL_SCANNER_JAIL_H

#include "common/error.h"
#include <stdint.h>

enum jail_namespaces {                           /* as the choices of scanner.namespaces */
		       JAIL_NAMESPACES_AUTO,     /* where the kernel allows them */
		       JAIL_NAMESPACES_REQUIRED, /* or no worker starts */
		       JAIL_NAMESPACES_OFF,
};

/* What holds, for `status`. */
#define JAIL_OWN_TMPFS  0x01u /* a mount namespace with an empty tmpfs as its root */
#define JAIL_NO_NETWORK 0x02u /* a network namespace without interfaces */
#define JAIL_LANDLOCK   0x04u
#define JAIL_SECCOMP    0x08u
#define JAIL_NO_CAPS    0x10u /* no capabilities, no new privileges */
#define JAIL_LIMITS     0x20u

struct jail_settings {
	int32_t namespaces;    /* enum jail_namespaces */
	uint64_t temp_bytes;   /* of the tmpfs, and of one file */
	uint64_t memory_bytes; /* beyond what the process has mapped when it enters */
	char
	    temp_directory[200]; /* where to make the directory when there is no tmpfs of our own */
};

#define JAIL_TEMP_SIZE 256

/*
 * Locks the calling process up for good. Namespaces and Landlock hold where the kernel has them; the rest
 * is required. `keep_fd` is the only descriptor beside standard error that stays open. temp_r: the
 * directory for temporary files, empty.
 */
bool jail_enter(const struct jail_settings *settings, int keep_fd, char temp_r[JAIL_TEMP_SIZE],
		uint32_t *features_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The steps of it that have a file of their own. */
bool jail_landlock(const char *directory, struct error *err)
    __attribute__((nonnull, warn_unused_result)); /* false also: the kernel has no Landlock */
bool jail_seccomp(int own_pid, struct error *err) __attribute__((nonnull, warn_unused_result));

/* Gives one message `seconds` of processor time; the kernel ends the process beyond them. */
void jail_grant_cpu(unsigned seconds);

#endif
