/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process that reads strangers' mail may still ask of the kernel. */
#ifndef EASYMAIL_BOUNCE_SYSCALLS_H
#define EASYMAIL_BOUNCE_SYSCALLS_H

#include <stdbool.h>

/*
 * From here on: memory, what is open already, and the end. Whatever else is asked fails with EPERM: no file is opened,
 * no socket, no process. False where the kernel or the architecture has no such filter. Needs no_new_privs.
 */
bool syscalls_confine(void);

#endif
