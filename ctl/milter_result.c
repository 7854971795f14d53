/* SPDX-License-Identifier: BSD-2-Clause */
/* What a milter said, in words. */
#include "ctl/milter_client.h"
#include <stdlib.h>

const char *milter_verdict_name(enum milter_verdict verdict)
{
	switch (verdict) {
	case MILTER_ACCEPT:
		return "accept";
	case MILTER_REJECT:
		return "reject";
	case MILTER_TEMPFAIL:
		return "tempfail";
	case MILTER_DISCARD:
		return "discard";
	case MILTER_QUARANTINE:
		return "quarantine";
	}
	abort();
}

const char *milter_action_name(enum milter_action action)
{
	switch (action) {
	case MILTER_ADD:
		return "add";
	case MILTER_INSERT:
		return "insert";
	case MILTER_CHANGE:
		return "change";
	case MILTER_DELETE:
		return "delete";
	}
	abort();
}

void milter_result_free(struct milter_result *result)
{
	for (size_t i = 0; i < result->change_count; i++) {
		free(result->changes[i].name);
		free(result->changes[i].value);
	}
	free(result->changes);
	for (size_t i = 0; i < result->recipient_count; i++)
		free(result->recipients[i].address);
	free(result->recipients);
	free(result->body);
	*result = (struct milter_result){.stage = ""};
}
