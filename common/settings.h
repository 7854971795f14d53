/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The settings that steer policy: one table of what exists, and the rules for their values. Values
 * are rows of tenants.db (table setting), the provider's or one tenant's.
 */
#ifndef EASYMAIL_SETTINGS_H
#define EASYMAIL_SETTINGS_H

#include "common/error.h"
#include "common/setting_ids.h"
#include "common/setting_values.h"
#include <stddef.h>
#include <stdint.h>

enum setting_kind {
	SETTING_CHOICE, /* number: index into choices */
	SETTING_NUMBER, /* number: between min and max */
	SETTING_SCORE, /* number: hundredths, between min and max, or SETTING_SCORE_OFF for "off" */
	SETTING_TEXT,  /* text: up to max octets of printable UTF-8 */
	SETTING_GROUP, /* text: the name of an egress group, or "" */
	SETTING_URL,   /* text: an https URL in ASCII without blanks and angle brackets, or "" */
	SETTING_DOMAIN,  /* text: a domain, normalized, or "" */
	SETTING_ADDRESS, /* text: one mail address, as mailbox_parse takes it, or "" */
};

struct setting_definition {
	const char *name;
	enum setting_kind kind;
	const char *fallback; /* the default, as it would be written */
	const char *choices;  /* "enforce|tag|off" */
	int64_t min, max;
	bool per_tenant; /* false: only the provider's row counts */
	const char *help;
};

struct setting_value {
	int64_t number;
	const char
	    *text; /* of all kinds but CHOICE and NUMBER; owned by whoever filled the value in */
};

extern const struct setting_definition setting_definitions[SETTING_COUNT];

/* FOUND_NONE: no setting of that name. */
enum found setting_by_name(const char *name, enum setting_id *id_r) __attribute__((nonnull));

/* The action that a choice names; FOUND_NONE when it names something else ("unknown"). */
enum found setting_action(enum setting_id id, const struct setting_value *value,
			  enum message_action *action_r) __attribute__((nonnull));

/* Reads a row's value; text of the result points at `text`. The error names setting, value and mend. */
bool setting_parse(enum setting_id id, const char *text, struct setting_value *value_r,
		   struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
