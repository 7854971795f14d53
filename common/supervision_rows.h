/* SPDX-License-Identifier: BSD-2-Clause */
/* What easymail-monitor keeps in tenants.db: what it saw, and the states it sets. Inside the caller's transaction. */
#ifndef EASYMAIL_SUPERVISION_ROWS_H
#define EASYMAIL_SUPERVISION_ROWS_H

#include "common/egress_ips.h"

#define EVIDENCE_SUBJECT_SIZE DOMAIN_SIZE

enum evidence_kind {
	EVIDENCE_INTERFACE, /* is the address on an interface? */
	EVIDENCE_CONNECT,   /* can it connect out? */
	EVIDENCE_REVERSE,   /* reverse DNS, there and back, and the HELO name */
	EVIDENCE_BLOCKLIST, /* subject: the zone */
	EVIDENCE_REFUSAL,   /* subject: the receiving domain, "*" for all together */
};

/* One row of egress_evidence. */
struct evidence_row {
	char address[IP_TEXT_SIZE];
	enum evidence_kind kind;
	char subject[EVIDENCE_SUBJECT_SIZE];
	uint32_t history;
	unsigned looks;
	bool bad;
	char detail[TITLE_SIZE];
	char since[TIME_SIZE]; /* of `bad`; kept by evidence_rows_put */
};

const char *evidence_kind_name(enum evidence_kind kind);

/* By address, kind, subject; those of one address, or with NULL all. Rows that make no sense are left out. */
bool evidence_rows_list(struct db *db, const char *address,
			void (*each)(const struct evidence_row *row, void *context), void *context,
			struct error *err) __attribute__((nonnull(1, 3, 5), warn_unused_result));
bool evidence_rows_put(struct db *db, const struct evidence_row *row, struct error *err)
    __attribute__((nonnull, warn_unused_result));
bool evidence_rows_delete(struct db *db, const struct evidence_row *row, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* The monitor's word. FOUND_NONE: the row is not as `seen` any more (state, who set it, how often it was moved,
 * or gone), and nothing is written. Ending a warm-up forgets when it began. */
enum found supervision_move(struct db *db, const struct egress_ip_row *seen,
			    enum egress_state state, const char *reason, struct error *err)
    __attribute__((nonnull));
bool supervision_set_spent(struct db *db, const char *address, bool spent, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* generation.provider: raised by every change of an egress IP, a blocklist, the warm-up's schedule. */
bool supervision_generation(struct db *db, int64_t *provider_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Table warmup_step, by day. */
bool warmup_steps_list(struct db *db, void (*each)(int64_t day, int64_t allowance, void *context),
		       void *context, struct error *err)
    __attribute__((nonnull(1, 2, 4), warn_unused_result));

#endif
