/* SPDX-License-Identifier: BSD-2-Clause */
/* Is a message bulk? A pure function of what is known at the end of its headers. */
#ifndef EASYMAIL_STREAM_POLICY_H
#define EASYMAIL_STREAM_POLICY_H

#include "common/policy.h"

/* Puts its message in the bulk stream with the value "bulk"; it does not leave. */
#define STREAM_HEADER "X-Easymail-Stream"

enum stream_reason {
	STREAM_CORPORATE,     /* it is not */
	STREAM_BY_DOMAIN,     /* its sender's domain is in the bulk stream */
	STREAM_BY_HOST,       /* its relay host is */
	STREAM_BY_HEADER,     /* it says so itself */
	STREAM_BY_LIST,       /* it has a header of a mailing list */
	STREAM_BY_PRECEDENCE, /* its header Precedence says bulk or list */
	STREAM_BY_RECIPIENTS, /* it has as many recipients as bulk.recipients says */
};

struct stream_facts {
	const struct policy *policy; /* settings bulk.detect and bulk.recipients count */
	enum egress_way host;        /* the stream of its relay host */
	bool domain_is_bulk;
	bool is_null_sender;    /* an automatic answer: nothing is concluded from how it looks */
	const char *asked;      /* value of STREAM_HEADER; NULL: it has none */
	bool has_list_header;   /* List-Id, List-Unsubscribe or List-Post (RFC 2919, RFC 2369) */
	const char *precedence; /* value of that header; NULL: it has none */
	bool is_automatic;      /* Auto-Submitted says other than "no" (RFC 3834) */
	size_t recipients;
};

enum stream_reason stream_policy(const struct stream_facts *facts) __attribute__((nonnull));

/* For the decision record: "bulk by …"; "" of STREAM_CORPORATE. */
const char *stream_reason_text(enum stream_reason reason);

#endif
