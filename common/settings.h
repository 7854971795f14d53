/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The settings that steer policy: one table of what exists, and the rules for their values. Values
 * are rows of tenants.db (table setting), the provider's or one tenant's.
 */
#ifndef EASYMAIL_SETTINGS_H
#define EASYMAIL_SETTINGS_H

#include "common/error.h"
#include "common/setting_values.h"
#include <stddef.h>
#include <stdint.h>

enum setting_id {
	SETTING_FROM_POLICY,          /* from.policy: enum from_policy */
	SETTING_EGRESS_DEFAULT_GROUP, /* egress.default_group: text, the provider's only */
	SETTING_AV_ON_INFECTED,       /* av.on_infected: enum message_action, by setting_action */
	SETTING_AV_ON_UNKNOWN,        /* av.on_unknown: the same */
	SETTING_AV_ON_OVER_LIMIT, /* av.on_over_limit: the same; `unknown` as av.on_unknown says */
	SETTING_AV_ON_PARTIAL,    /* av.on_partial and those below: the same */
	SETTING_AV_ON_ENCRYPTED_ARCHIVE,
	SETTING_AV_ON_ENCRYPTED_DOCUMENT,
	SETTING_AV_ON_MACROS,
	SETTING_AV_NOTICE_TO,           /* av.notice_to: address, "" off */
	SETTING_NOTICE_FROM,            /* notice.from: address, the provider's only */
	SETTING_DKIM_REQUIRED,          /* dkim.required: no, tempfail, reject */
	SETTING_DKIM_OWN_SIGNATURES,    /* dkim.own_signatures: keep, keep_valid, remove */
	SETTING_DKIM_SIGN_SIGNED,       /* dkim.sign_signed: 0 no, 1 yes */
	SETTING_DKIM_PROVIDER_DOMAIN,   /* dkim.provider_domain: text, the provider's only */
	SETTING_HIDE_SERVER,            /* hide.server: 0 off, 1 on */
	SETTING_HIDE_MESSAGE_ID,        /* hide.message_id: 0 off, 1 on */
	SETTING_DKIM_ROTATE_DAYS,       /* dkim.rotate_days: number, 0 never */
	SETTING_DKIM_RETIRE_DAYS,       /* dkim.retire_days: number, the provider's only */
	SETTING_SPF_INCLUDE,            /* spf.include: text, the provider's only */
	SETTING_SPF_ON_FAIL,            /* spf.on_fail: enum spf_on_fail */
	SETTING_BULK_EGRESS_GROUP,      /* bulk.egress_group: text */
	SETTING_ANTISPAM_SUSPECT_GROUP, /* antispam.suspect_group: text */
	SETTING_ANTISPAM_TAG_SCORE,     /* antispam.tag_score: hundredths, or SETTING_SCORE_OFF */
	SETTING_ANTISPAM_SUSPECT_SCORE, /* antispam.suspect_score and the scores below: the same */
	SETTING_ANTISPAM_TEMPFAIL_SCORE,
	SETTING_ANTISPAM_QUARANTINE_SCORE,
	SETTING_ANTISPAM_REJECT_SCORE,
	SETTING_ANTISPAM_ON_SUSPECT, /* antispam.on_suspect: enum message_action, by setting_action */
	SETTING_ANTISPAM_ON_FAILURE,     /* antispam.on_failure: the same */
	SETTING_ANTISPAM_REUSE_SECONDS,  /* antispam.reuse_seconds: number, 0 never */
	SETTING_ANTISPAM_REUSE_MESSAGES, /* antispam.reuse_messages: number */
	SETTING_ANTISPAM_REUSE_SAMPLE,   /* antispam.reuse_sample: number */
	SETTING_CONTENT_ON_EXECUTABLE,       /* content.on_executable: enum message_action */
	SETTING_CONTENT_ON_DOUBLE_EXTENSION, /* content.on_double_extension and those below: the same */
	SETTING_CONTENT_ON_TURNED_NAME,
	SETTING_CONTENT_ON_MALFORMED,
	SETTING_CONTENT_ON_OVER_LIMIT,
	SETTING_CONTENT_ON_UNTIDY,
	SETTING_CONTENT_ON_OVERSIZE,
	SETTING_CONTENT_ON_MANY_RECIPIENTS,
	SETTING_CONTENT_ON_UNKNOWN, /* content.on_unknown: the same; `av` as av.on_unknown says */
	SETTING_CONTENT_MAX_SIZE,   /* content.max_size: octets, 0 no limit */
	SETTING_CONTENT_MAX_RECIPIENTS, /* content.max_recipients: number, 0 no limit */
	SETTING_COUNT,
};

enum setting_kind {
	SETTING_CHOICE, /* number: index into choices */
	SETTING_NUMBER, /* number: between min and max */
	SETTING_SCORE, /* number: hundredths, between min and max, or SETTING_SCORE_OFF for "off" */
	SETTING_TEXT,  /* text: up to max octets of printable UTF-8 */
	SETTING_GROUP, /* text: the name of an egress group, or "" */
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
