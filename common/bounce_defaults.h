/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of bounces that comes with easymail, postfix-conf/bounces. Made into C by the build. */
#ifndef EASYMAIL_BOUNCE_DEFAULTS_H
#define EASYMAIL_BOUNCE_DEFAULTS_H

extern const char bounce_defaults[];

#endif
