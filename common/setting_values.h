/* SPDX-License-Identifier: BSD-2-Clause */
/* What the choices of settings stand for. */
#ifndef EASYMAIL_SETTING_VALUES_H
#define EASYMAIL_SETTING_VALUES_H

#include <stdint.h>

/* What becomes of mail whose SPF fails for every address it could leave from. */
enum spf_on_fail {
	SPF_ON_FAIL_RELAY,
	SPF_ON_FAIL_HOLD, /* the tenant's server keeps it until the domain's record is mended */
	SPF_ON_FAIL_REFUSE,
};

/* What becomes of bulk mail without a header List-Unsubscribe. */
enum list_unsubscribe {
	LIST_UNSUBSCRIBE_ADD, /* it gets one, where the tenant has an address or URL for it */
	LIST_UNSUBSCRIBE_REFUSE,
	LIST_UNSUBSCRIBE_OFF,
};

enum from_policy {
	FROM_ENFORCE, /* a header From outside the tenant's domains is refused */
	FROM_TAG,     /* it is let through with a header that says so */
	FROM_OFF,
};

/* Of SETTING_SCORE: one that is never reached. */
#define SETTING_SCORE_OFF INT64_MAX

/* What is done with a message, from the mildest to the strictest. */
enum message_action {
	ACTION_ACCEPT,
	ACTION_TAG,      /* accepted with a header that says why not all is well */
	ACTION_TEMPFAIL, /* the tenant's server keeps it */
	ACTION_QUARANTINE,
	ACTION_DISCARD,
	ACTION_REJECT,
};

#endif
