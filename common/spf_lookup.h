/* SPDX-License-Identifier: BSD-2-Clause */
/* What one SPF evaluation knows, and its DNS look-ups under the limits of RFC 7208. Internal to SPF. */
#ifndef EASYMAIL_SPF_LOOKUP_H
#define EASYMAIL_SPF_LOOKUP_H

#include "common/spf_check.h"
#include "common/spf_macro.h"

#define SPF_NAMES_MAX 10 /* section 4.6.4: names of a client, hosts of an mx, that are looked at */

struct spf_run {
	struct dns *dns;
	int64_t deadline;
	struct spf_macros macros; /* the letter d is the domain under evaluation */
	struct spf_answer *answer;
	bool names_known;    /* `names` are filled in */
	unsigned name_voids; /* void look-ups that it took */
	size_t name_count;
	char names[SPF_NAMES_MAX][DNS_NAME_MAX + 1]; /* validated names of the client */
};

/* Ends the evaluation with temperror or permerror. Always false. */
bool spf_fail(struct spf_run *run, enum spf_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull));

/* One more term that asks DNS; false when it is one too many. */
bool spf_count_term(struct spf_run *run) __attribute__((nonnull, warn_unused_result));

/* False when more look-ups were void than may be. */
bool spf_check_voids(struct spf_run *run) __attribute__((nonnull, warn_unused_result));

/*
 * Asks, counts void look-ups and takes over the TTL. "None" is an answer without records; a name
 * that cannot be asked for exists nowhere. False: DNS failed, or too many were void. The caller
 * clears the answer in every case.
 */
bool spf_ask(struct spf_run *run, const char *name, enum dns_type type, struct dns_answer *answer_r)
    __attribute__((nonnull, warn_unused_result));

/* The address type that the client's family needs. */
enum dns_type spf_address_type(const struct spf_run *run) __attribute__((nonnull));

/* Fills in the validated names (section 5.5): what fails on the way there validates nothing. What is
 * void there counts each time that the names are used. */
void spf_use_names(struct spf_run *run) __attribute__((nonnull));

/* The value of the letter p (section 7.3), for struct spf_macros; context is the run. */
const char *spf_validated_name(void *context);

/* Is `name` the domain itself or below it? In any case of letters. */
bool spf_is_within(const char *name, const char *domain) __attribute__((nonnull));

#endif
