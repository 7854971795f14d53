/* SPDX-License-Identifier: BSD-2-Clause */
/* Signature verification through libopendkim. */
#include "common/dkim_verify.h"
#include <opendkim/dkim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct dkim_verifier {
	DKIM_LIB *library;
	dkim_key_lookup lookup;
	void *context;
};

/* libopendkim's question for a key record; the handle's user context is the verifier. */
static DKIM_CBSTAT answer_key(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buffer, size_t size)
{
	struct dkim_verifier *verifier = dkim_get_user_context(dkim);
	char name[640];

	snprintf(name, sizeof(name), "%s._domainkey.%s", (const char *)dkim_sig_getselector(sig),
		 (const char *)dkim_sig_getdomain(sig));
	switch (verifier->lookup(verifier->context, name, (char *)buffer, size)) {
	case FOUND_ONE:
		return DKIM_CBSTAT_CONTINUE;
	case FOUND_NONE:
		return DKIM_CBSTAT_NOTFOUND;
	case FOUND_ERROR:
		break;
	}
	return DKIM_CBSTAT_TRYAGAIN;
}

bool dkim_verifier_new(dkim_key_lookup lookup, void *context, struct dkim_verifier **verifier_r,
		       struct error *err)
{
	struct dkim_verifier *verifier = calloc(1, sizeof(*verifier));
	unsigned flags = DKIM_LIBFLAGS_FIXCRLF;

	if (verifier == NULL || (verifier->library = dkim_init(NULL, NULL)) == NULL) {
		free(verifier);
		return error_set(err, "libopendkim does not start: out of memory");
	}
	dkim_options(verifier->library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof(flags));
	dkim_set_key_lookup(verifier->library, answer_key);
	verifier->lookup = lookup;
	verifier->context = context;
	*verifier_r = verifier;
	return true;
}

void dkim_verifier_free(struct dkim_verifier *verifier)
{
	if (verifier == NULL)
		return;
	dkim_close(verifier->library);
	free(verifier);
}

/* Name, colon, value with its folds as CRLF: the form that dkim_header takes. NULL: no memory. */
static char *field_text(const struct dkim_field *field, size_t *length_r)
{
	char *text = malloc(strlen(field->name) + 1 + 2 * strlen(field->value) + 1), *to;

	if (text == NULL)
		return NULL;
	to = stpcpy(text, field->name);
	*to++ = ':';
	for (const char *at = field->value; *at != '\0'; at++) {
		if (*at == '\n' && at > field->value && at[-1] != '\r')
			*to++ = '\r';
		*to++ = *at;
	}
	*length_r = (size_t)(to - text);
	return text;
}

/* Gives the library all fields but the signatures over our limit (its issue 271: it has none). */
static DKIM_STAT give_fields(DKIM *dkim, const struct dkim_message *message, size_t *signatures_r)
{
	const struct dkim_field *fields = message->fields;
	DKIM_STAT status = DKIM_STAT_OK;

	*signatures_r = 0;
	for (size_t i = 0; i < message->field_count && status == DKIM_STAT_OK; i++) {
		size_t length;
		char *text;

		if (strcasecmp(fields[i].name, "DKIM-Signature") == 0 &&
		    ++*signatures_r > DKIM_VERIFY_MAX)
			continue;
		text = field_text(&fields[i], &length);
		if (text == NULL)
			return DKIM_STAT_NORESOURCE;
		status = dkim_header(dkim, (unsigned char *)text, length);
		free(text);
	}
	return status;
}

/* The result of one signature, in the words of RFC 8601. */
static enum dkim_result result_of(DKIM_SIGINFO *sig)
{
	if (DKIM_SIG_CHECK(sig) && dkim_sig_geterror(sig) == DKIM_SIGERROR_OK)
		return DKIM_RESULT_PASS;
	switch (dkim_sig_geterror(sig)) {
	case DKIM_SIGERROR_KEYFAIL:
	case DKIM_SIGERROR_UNKNOWN: /* a key look-up that is to be tried again leaves it so */
		return DKIM_RESULT_TEMPERROR;
	case DKIM_SIGERROR_OK:
	case DKIM_SIGERROR_BADSIG:
	case DKIM_SIGERROR_EXPIRED:
	case DKIM_SIGERROR_FUTURE:
		return DKIM_RESULT_FAIL;
	default: /* an int of the library's, not an enum of ours */
		return DKIM_RESULT_PERMERROR;
	}
}

static void copy_text(char *to, size_t size, const unsigned char *from)
{
	snprintf(to, size, "%s", from != NULL ? (const char *)from : "");
}

static void describe(DKIM_SIGINFO *sig, struct dkim_verdict *verdict_r)
{
	static unsigned char algorithm_tag[] = "a";
	const char *reason = NULL;

	memset(verdict_r, 0, sizeof(*verdict_r));
	verdict_r->result = result_of(sig);
	copy_text(verdict_r->domain, sizeof(verdict_r->domain), dkim_sig_getdomain(sig));
	copy_text(verdict_r->selector, sizeof(verdict_r->selector), dkim_sig_getselector(sig));
	/* Not dkim_sig_getalgorithm: it says rsa-sha1 for what was not evaluated. */
	copy_text(verdict_r->algorithm, sizeof(verdict_r->algorithm),
		  dkim_sig_gettagvalue(sig, false, algorithm_tag));
	if (dkim_sig_getkeysize(sig, &verdict_r->key_bits) != DKIM_STAT_OK)
		verdict_r->key_bits = 0;
	if (verdict_r->result == DKIM_RESULT_PASS)
		return;
	if (dkim_sig_getbh(sig) == DKIM_SIGBH_MISMATCH)
		reason = "the body was changed";
	else if (dkim_sig_geterror(sig) == DKIM_SIGERROR_BADSIG)
		reason = "a signed header was changed, or the key is another";
	else if (verdict_r->result == DKIM_RESULT_TEMPERROR)
		reason = "the key could not be looked up";
	else
		reason = dkim_sig_geterrorstr(dkim_sig_geterror(sig));
	snprintf(verdict_r->reason, sizeof(verdict_r->reason), "%s",
		 reason != NULL ? reason : "not verified");
}

static bool collect(DKIM *dkim, size_t signatures, struct dkim_verdicts *verdicts_r,
		    struct error *err)
{
	DKIM_SIGINFO **list;
	int count = 0;

	if (signatures == 0)
		return true;
	if (dkim_getsiglist(dkim, &list, &count) != DKIM_STAT_OK)
		return error_set(err, "libopendkim: %s", dkim_geterror(dkim));
	for (int i = 0; i < count && verdicts_r->count < DKIM_VERIFY_MAX; i++) {
		/* One whose key look-up failed does not end the others' evaluation. */
		if ((dkim_sig_getflags(list[i]) & DKIM_SIGFLAG_PROCESSED) == 0)
			(void)dkim_sig_process(dkim, list[i]);
		describe(list[i], &verdicts_r->verdict[verdicts_r->count++]);
	}
	return true;
}

static bool verify(DKIM *dkim, const struct dkim_message *message, struct dkim_verdicts *verdicts_r,
		   struct error *err)
{
	size_t signatures;
	DKIM_STAT status = give_fields(dkim, message, &signatures);

	if (status == DKIM_STAT_OK)
		status = dkim_eoh(dkim);
	if ((status == DKIM_STAT_OK || status == DKIM_STAT_NOSIG) && message->body_length > 0)
		(void)dkim_body(dkim, (unsigned char *)(uintptr_t)message->body,
				message->body_length);
	if (status == DKIM_STAT_NORESOURCE || status == DKIM_STAT_INTERNAL)
		return error_set(err, "libopendkim: %s", dkim_getresultstr(status));
	if (status == DKIM_STAT_SYNTAX)
		return error_set(err, "the header section is malformed");
	(void)dkim_eom(dkim, NULL);
	verdicts_r->ignored = signatures > DKIM_VERIFY_MAX ? signatures - DKIM_VERIFY_MAX : 0;
	return collect(dkim, signatures, verdicts_r, err);
}

bool dkim_verifier_run(struct dkim_verifier *verifier, const struct dkim_message *message,
		       struct dkim_verdicts *verdicts_r, struct error *err)
{
	static const unsigned char id[] = "message";
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(verifier->library, id, NULL, &status);
	bool ok;

	memset(verdicts_r, 0, sizeof(*verdicts_r));
	if (dkim == NULL)
		return error_set(err, "libopendkim: %s", dkim_getresultstr(status));
	dkim_set_user_context(dkim, verifier);
	ok = verify(dkim, message, verdicts_r, err);
	dkim_free(dkim);
	return ok;
}

const char *dkim_result_name(enum dkim_result result)
{
	switch (result) {
	case DKIM_RESULT_PASS:
		return "pass";
	case DKIM_RESULT_FAIL:
		return "fail";
	case DKIM_RESULT_TEMPERROR:
		return "temperror";
	case DKIM_RESULT_PERMERROR:
		return "permerror";
	}
	return "invalid";
}
