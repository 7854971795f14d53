/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May this mail go to this recipient? Pure functions of who sends it, of what return_address_judge said, and of what
 * the suppression list answered.
 */
#ifndef EASYMAIL_TENANT_RECIPIENT_H
#define EASYMAIL_TENANT_RECIPIENT_H

#include "common/return_address.h"
#include "common/settings.h"
#include "common/suppression.h"

enum recipient_ruling {
	RECIPIENT_PASS,
	RECIPIENT_DEAD,       /* earlier mail came back: 550 */
	RECIPIENT_COMPLAINED, /* its owner does not want this tenant's mail: 550 */
	RECIPIENT_LISTED,     /* somebody put it on the list: 550 */
	RECIPIENT_UNKNOWN,    /* the list could not be read: 451 */
	RECIPIENT_RETURN,     /* a bounce comes back to us: taken from anybody */
	RECIPIENT_STRANGER,   /* the client is nobody's, and this is no return path of ours: 550 */
	RECIPIENT_FORGED,     /* no return path that we made: 550 */
	RECIPIENT_EXPIRED,    /* one that we made too long ago: 550 */
	RECIPIENT_APART, /* mail that leaves and mail that comes back are not one message: 451 */
	RECIPIENT_UNVERIFIED, /* a return path that cannot be verified now: 451 */
};

struct recipient_facts {
	bool stranger;               /* the client is no tenant's */
	bool is_return;              /* a return path was taken as a recipient before */
	size_t recipients;           /* how many were taken before */
	enum return_address address; /* what this one is */
};

/* Where it goes. RECIPIENT_PASS: out into the world, if the suppression list lets it. */
enum recipient_ruling recipient_rule_direction(const struct recipient_facts *facts)
    __attribute__((nonnull));

/* Does this tenant ask the list at all? is_bulk: what is known at RCPT, by the domain and the relay host. */
bool recipient_is_checked(const struct setting_value *settings, bool is_bulk)
    __attribute__((nonnull));

/* `reason` counts with FOUND_ONE only. */
enum recipient_ruling recipient_rule(const struct setting_value *settings, enum found found,
				     enum suppression_reason reason) __attribute__((nonnull));

#endif
