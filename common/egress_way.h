/* SPDX-License-Identifier: BSD-2-Clause */
/* By which way a message leaves: mail of different ways shares no egress address, and so no reputation. */
#ifndef EASYMAIL_EGRESS_WAY_H
#define EASYMAIL_EGRESS_WAY_H

#include "common/error.h"

/* Each overrules those before it. */
enum egress_way {
	WAY_CORPORATE, /* a tenant's daily mail: from the tenant's own egress group */
	WAY_BULK,      /* mailings to many: from the group of the setting bulk.egress_group */
	WAY_SUSPECT,   /* of the setting antispam.suspect_group; never signed with a tenant's key */
};

#define EGRESS_WAYS 3

const char *egress_way_name(enum egress_way way); /* "corporate", "bulk", "suspect" */

/* A stream is what a domain or a relay host may be put in: corporate or bulk. FOUND_NONE: another word. */
enum found egress_stream_parse(const char *text, enum egress_way *way_r) __attribute__((nonnull));

#endif
