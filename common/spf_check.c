/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Evaluates SPF records: RFC 7208's check_host() over our own parser, macros and DNS.
 *
 * Why not libspf2: Debian's 1.2.10 silently drops all terms of a record after the 64th ip4, so also
 * its `-all`; its macro parser has a heap overflow that is not mended there (CVE-2023-42118) and
 * that any domain owner can reach; it passes every 127/8 client and aborts the process on its own
 * errors. It would have to see generated records only: parser, macros, limits, matching of `/0` and
 * explanations would be here all the same, and its part would be the loop in evaluate().
 */
#include "common/spf_check.h"
#include "common/spf_match.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TTL_MAX 86400

static bool evaluate(struct spf_run *run, const char *domain, bool in_include);

const char *spf_result_name(enum spf_result result)
{
	switch (result) {
	case SPF_NONE:
		return "none";
	case SPF_NEUTRAL:
		return "neutral";
	case SPF_PASS:
		return "pass";
	case SPF_FAIL:
		return "fail";
	case SPF_SOFTFAIL:
		return "softfail";
	case SPF_TEMPERROR:
		return "temperror";
	case SPF_PERMERROR:
		return "permerror";
	}
	return "?";
}

static enum spf_result qualifier_result(char qualifier)
{
	if (qualifier == '-')
		return SPF_FAIL;
	if (qualifier == '~')
		return SPF_SOFTFAIL;
	return qualifier == '?' ? SPF_NEUTRAL : SPF_PASS;
}

/* A result that is no error. Always true. */
static bool conclude(struct spf_run *run, enum spf_result result, const char *term)
{
	char client[IP_TEXT_SIZE];

	run->answer->result = result;
	ip_format(&run->macros.client, client);
	if (term)
		snprintf(run->answer->reason, sizeof(run->answer->reason),
			 "\"%.200s\" in the record of %s matches %s", term, run->macros.current,
			 client);
	else
		snprintf(run->answer->reason, sizeof(run->answer->reason),
			 "nothing in the record of %s matches %s", run->macros.current, client);
	return true;
}

/* Keeps the text as what was used. */
static void note_record(struct spf_run *run, const struct dns_record *record)
{
	struct spf_used *used = &run->answer->records[run->answer->record_count++];

	snprintf(used->domain, sizeof(used->domain), "%s", run->macros.current);
	used->text = strndup(record->text, record->length);
	if (!used->text)
		abort();
}

/* Section 4.5: the one record with our version among the domain's texts. */
static bool select_record(struct spf_run *run, const struct dns_answer *answer,
			  const struct dns_record **record_r)
{
	size_t i;

	*record_r = NULL;
	for (i = 0; i < answer->count; i++) {
		const struct dns_record *record = &answer->records[i];

		if (!spf_record_is(record->text, record->length))
			continue;
		if (*record_r)
			return spf_fail(run, SPF_PERMERROR, "%s publishes more than one SPF record",
					run->macros.current);
		*record_r = record;
	}
	return true;
}

/* The current domain's record; NULL when there is none. */
static bool fetch_record(struct spf_run *run, struct spf_record **record_r)
{
	const struct dns_record *chosen;
	struct dns_answer answer;
	struct error err;
	bool good;

	*record_r = NULL;
	good = spf_ask(run, run->macros.current, DNS_TXT, &answer);
	good = good && select_record(run, &answer, &chosen);
	if (good && chosen) {
		note_record(run, chosen);
		good = spf_record_parse(chosen->text, chosen->length, record_r, &err) ||
		       spf_fail(run, SPF_PERMERROR, "the record of %s is wrong: %s",
				run->macros.current, err.text);
	}
	dns_answer_clear(&answer);
	return good;
}

/* Puts `?` for what is not printable ASCII: senders and helo names are the client's. */
static bool make_printable(char *text)
{
	bool was = true;

	for (; *text; text++) {
		if (*text >= ' ' && *text <= '~')
			continue;
		*text = '?';
		was = false;
	}
	return was;
}

/* Section 6.2: whatever goes wrong with an explanation, there is none, and its look-ups do not count. */
static void explain(struct spf_run *run, const struct spf_domain *domain)
{
	char name[DNS_NAME_MAX + 1], text[SPF_EXPANSION_SIZE];
	unsigned voids = run->answer->voids;
	struct dns_answer answer;
	struct error err;

	if (!spf_macro_expand_domain(domain->text, domain->length, &run->macros, name, &err))
		return;
	if (dns_ask(run->dns, name, DNS_TXT, run->deadline, &answer, &err) == FOUND_ONE &&
	    answer.count == 1 &&
	    spf_macro_check(answer.records[0].text, answer.records[0].length, SPF_MACRO_EXPLANATION,
			    &err) &&
	    spf_macro_expand(answer.records[0].text, answer.records[0].length, &run->macros, text,
			     &err) &&
	    make_printable(text))
		run->answer->explanation = strdup(text);
	run->answer->voids = voids;
	dns_answer_clear(&answer);
}

/* Evaluates the record of another domain, from whose letters d the terms after it must not suffer. */
static bool evaluate_other(struct spf_run *run, const struct spf_domain *domain, bool in_include)
{
	const char *current = run->macros.current;
	char name[DNS_NAME_MAX + 1];
	bool good;

	if (!spf_count_term(run) || !spf_target(run, domain, name))
		return false;
	good = evaluate(run, name, in_include);
	run->macros.current = current;
	if (good && run->answer->result == SPF_NONE)
		return spf_fail(run, SPF_PERMERROR,
				"%s, which the record of %s refers to, publishes no SPF record",
				name, current);
	return good;
}

static bool match_term(struct spf_run *run, const struct spf_term *term, bool *match_r)
{
	if (term->mechanism != SPF_INCLUDE)
		return spf_match(run, term, match_r);
	if (!evaluate_other(run, &term->domain, true))
		return false;
	*match_r = run->answer->result == SPF_PASS;
	return true;
}

static bool evaluate_record(struct spf_run *run, const struct spf_record *record, bool in_include)
{
	bool match = false;
	size_t i;

	for (i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		if (!match_term(run, term, &match))
			return false;
		if (!match)
			continue;
		conclude(run, qualifier_result(term->qualifier), term->text);
		if (run->answer->result == SPF_FAIL && record->exp.text && !in_include)
			explain(run, &record->exp);
		return true;
	}
	if (record->redirect.text)
		return evaluate_other(run, &record->redirect, in_include);
	return conclude(run, SPF_NEUTRAL, NULL);
}

/* check_host() for a domain. False: an error ended all of the evaluation. */
static bool evaluate(struct spf_run *run, const char *domain, bool in_include)
{
	struct spf_record *record;
	bool good;

	run->macros.current = domain;
	if (!fetch_record(run, &record))
		return false;
	if (!record) {
		conclude(run, SPF_NONE, NULL);
		snprintf(run->answer->reason, sizeof(run->answer->reason),
			 "%s publishes no SPF record", domain);
		return true;
	}
	good = evaluate_record(run, record, in_include);
	spf_record_free(record);
	return good;
}

/* The parts of the sender (section 4.3): without a local part it is postmaster, without a sender it
 * is postmaster of the helo name. */
static void split_sender(const struct spf_question *question, char local_r[256], char origin_r[256])
{
	const char *sender = *question->sender ? question->sender : question->helo;
	const char *at = *question->sender ? strrchr(sender, '@') : NULL;
	const char *origin = at ? at + 1 : sender;
	size_t length = strlen(origin);

	if (length > 0 && origin[length - 1] == '.')
		length--;
	snprintf(local_r, 256, "%.*s", at ? (int)(at - sender) : 0, sender);
	if (local_r[0] == '\0')
		snprintf(local_r, 256, "postmaster");
	snprintf(origin_r, 256, "%.*s", (int)length, origin);
}

/* Section 4.3: a name of at least two labels, no address literal. */
static bool is_mail_domain(const char *domain)
{
	return dns_name_is_valid(domain) && strchr(domain, '.') && domain[0] != '[';
}

void spf_check(struct dns *dns, const struct spf_question *question, int timeout_ms,
	       struct spf_answer *answer_r)
{
	struct spf_run run = {.dns = dns, .deadline = dns_deadline(timeout_ms), .answer = answer_r};
	char local[256], origin[256], helo[256];

	*answer_r = (struct spf_answer){.ttl = TTL_MAX};
	split_sender(question, local, origin);
	snprintf(helo, sizeof(helo), "%s", question->helo);
	run.macros = (struct spf_macros){
	    .local = local,
	    .origin = origin,
	    .current = origin,
	    .helo = helo,
	    .receiver = question->receiver ? question->receiver : "unknown",
	    .client = question->client,
	    .validated = spf_validated_name,
	    .context = &run,
	};
	if (!is_mail_domain(origin)) {
		snprintf(answer_r->reason, sizeof(answer_r->reason), "\"%s\" is no mail domain",
			 origin);
		make_printable(answer_r->reason);
		return;
	}
	if (!evaluate(&run, origin, false) && answer_r->result == SPF_TEMPERROR)
		answer_r->ttl = 0;
	make_printable(answer_r->reason);
}

void spf_answer_clear(struct spf_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->record_count; i++)
		free(answer->records[i].text);
	free(answer->explanation);
	answer->record_count = 0;
	answer->explanation = NULL;
}
