/* SPDX-License-Identifier: BSD-2-Clause */
/* Binds each group's own transport to an address that may send, without a reload: that is, moves the mail whose sender
 * does not tell the map its way, such as the null sender's. */
#ifndef EASYMAIL_CTL_POSTFIX_REBIND_H
#define EASYMAIL_CTL_POSTFIX_REBIND_H

#include "ctl/command.h"

enum rebind {
	REBIND_DONE,        /* every delivery that begins two seconds from now uses it */
	REBIND_NOT_SET_UP,  /* `postfix apply` has not been run */
	REBIND_NOT_ALLOWED, /* this user may not write Postfix's configuration */
	REBIND_FAILED,      /* the error says why */
};

enum rebind postfix_rebind(struct ctl *ctl, struct error *err) __attribute__((nonnull));

#endif
