/* SPDX-License-Identifier: BSD-2-Clause */
/* The settings by number, in the order in which they are listed; settings.c has what each of them is. */
#ifndef EASYMAIL_SETTING_IDS_H
#define EASYMAIL_SETTING_IDS_H

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
	SETTING_BULK_RATE,              /* bulk.rate: number, 0 no limit, the provider's only */
	SETTING_BULK_SESSIONS,          /* bulk.sessions: number, the provider's only */
	SETTING_BULK_PROCESSES,         /* bulk.processes: number, and so on; the provider's only */
	SETTING_BULK_DESTINATION_CONCURRENCY,
	SETTING_BULK_DESTINATION_RATE_DELAY, /* in seconds */
	SETTING_BULK_QUEUE_LIMIT,
	SETTING_BULK_DETECT,             /* bulk.detect: 0 off, 1 on */
	SETTING_BULK_RECIPIENTS,         /* bulk.recipients: number, 0 never */
	SETTING_BULK_RETURN_PATH_DOMAIN, /* bulk.return_path_domain: domain, the provider's only */
	SETTING_BULK_RETURN_PATH_DAYS,   /* bulk.return_path_days: number, the provider's only */
	SETTING_BULK_LIST_UNSUBSCRIBE,   /* bulk.list_unsubscribe: enum list_unsubscribe */
	SETTING_BULK_UNSUBSCRIBE_URL,    /* bulk.unsubscribe_url: text */
	SETTING_BULK_UNSUBSCRIBE_MAILTO, /* bulk.unsubscribe_mailto: address */
	SETTING_CONTENT_ON_EXECUTABLE,   /* content.on_executable and those below: the same */
	SETTING_CONTENT_ON_DOUBLE_EXTENSION,
	SETTING_CONTENT_ON_TURNED_NAME,
	SETTING_CONTENT_ON_MALFORMED,
	SETTING_CONTENT_ON_OVER_LIMIT,
	SETTING_CONTENT_ON_UNTIDY,
	SETTING_CONTENT_ON_OVERSIZE,
	SETTING_CONTENT_ON_MANY_RECIPIENTS,
	SETTING_CONTENT_ON_UNKNOWN, /* content.on_unknown: the same; `av` as av.on_unknown says */
	SETTING_CONTENT_MAX_SIZE,   /* content.max_size: octets, 0 no limit */
	SETTING_CONTENT_MAX_RECIPIENTS, /* content.max_recipients: number, 0 no limit */
	SETTING_ANTISPAM_TAG_SCORE,     /* antispam.tag_score: hundredths, or SETTING_SCORE_OFF */
	SETTING_ANTISPAM_SUSPECT_SCORE, /* antispam.suspect_score and the scores below: the same */
	SETTING_ANTISPAM_TEMPFAIL_SCORE,
	SETTING_ANTISPAM_QUARANTINE_SCORE,
	SETTING_ANTISPAM_REJECT_SCORE,
	SETTING_ANTISPAM_ON_SUSPECT, /* antispam.on_suspect: enum message_action, by setting_action */
	SETTING_ANTISPAM_ON_FAILURE,       /* antispam.on_failure: the same */
	SETTING_ANTISPAM_REUSE_SECONDS,    /* antispam.reuse_seconds: number, 0 never */
	SETTING_ANTISPAM_REUSE_MESSAGES,   /* antispam.reuse_messages: number */
	SETTING_ANTISPAM_REUSE_SAMPLE,     /* antispam.reuse_sample: number */
	SETTING_ANTISPAM_ATTACHMENT_BYTES, /* antispam.attachment_bytes: number */
	SETTING_BULK_SOFT_BOUNCE_LIMIT,    /* bulk.soft_bounce_limit: number, 0 never */
	SETTING_BULK_SOFT_BOUNCE_DAYS,     /* bulk.soft_bounce_days: number */
	SETTING_SUPPRESSION_CHECK,         /* suppression.check: enum suppression_check */
	SETTING_SUPPRESSION_ON_ERROR,      /* suppression.on_error: 0 tempfail, 1 accept */
	SETTING_EGRESS_FALLBACK,           /* egress.fallback_group: group, the provider's only */
	SETTING_COUNT,
};

#endif
