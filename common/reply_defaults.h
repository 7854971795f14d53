/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of replies that comes with easymail, postfix-conf/replies. Made into C by the build. */
#ifndef EASYMAIL_REPLY_DEFAULTS_H
#define EASYMAIL_REPLY_DEFAULTS_H

extern const char reply_defaults[];

#endif
