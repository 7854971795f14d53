/* SPDX-License-Identifier: BSD-2-Clause */
/* From a report to rows: whose message it is about, whom it may be about, and what it means. */
#include "services/bounce/effects.h"
#include "common/journal_delivery.h"
#include "common/key_file.h"
#include "common/log.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* One report on its way. */
struct matter {
	struct effects *effects;
	const struct bounce_report *report;
	const struct policy *policy;
	struct return_path path;
	struct mailbox sender; /* the message's own: its return path */
	struct key_file key;
};

bool effects_open(const struct config *config, struct effects *effects_r, struct error *err)
{
	*effects_r = (struct effects){.config = config, .now = (int64_t)time(NULL)};
	effects_r->site.key_file = config_text(config, "bulk.key_file");
	return policy_store_new(config_text(config, "database"), 1,
				(int)config_number(config, "database.busy_timeout"),
				&effects_r->policies, err) &&
	       return_site_read(effects_r->policies, &effects_r->site, err) &&
	       bounce_rules_load(config_text(config, "tracker.replies"), &effects_r->rules, err) &&
	       suppressions_open(config, STORE_WRITE, &effects_r->suppressions, err);
}

void effects_close(struct effects *effects)
{
	suppressions_close(effects->suppressions);
	bounce_rules_free(effects->rules);
	policy_store_free(effects->policies);
}

static void note_delivery(const struct journal_delivery *delivery, void *context)
{
	bool *seen = context;

	(void)delivery;
	*seen = true;
}

/* Is there a delivery of the message, to this recipient or with NULL to any? */
static bool has_delivery(struct journal *journal, const struct matter *matter,
			 const char *recipient, bool *seen_r, struct error *err)
{
	struct journal_filter filter = {
	    .sender = matter->sender.address, .recipient = recipient, .limit = 1};

	*seen_r = false;
	return journal_delivery_list(journal, &filter, note_delivery, seen_r, err);
}

/* Did the message have this recipient, by what Postfix logged? FOUND_ERROR: the journal does not know the message. */
static enum found ask_journal(const struct matter *matter, const struct mailbox *address)
{
	const struct config *config = matter->effects->config;
	struct journal *journal;
	bool message = false, recipient = false;
	struct error err;

	if (!journal_open(config_text(config, "journal"), JOURNAL_READ,
			  (int)config_number(config, "database.busy_timeout"), &journal, &err))
		return FOUND_ERROR;
	if (!journal_begin(journal, &err) || !has_delivery(journal, matter, NULL, &message, &err) ||
	    !has_delivery(journal, matter, address->address, &recipient, &err))
		message = recipient = false;
	journal_close(journal);
	if (recipient)
		return FOUND_ONE;
	return message ? FOUND_NONE : FOUND_ERROR;
}

/* Whom a report is about: the message must have had this recipient, as far as that is known. False: it had not. */
static bool accept_recipient(const struct matter *matter, const struct mailbox *address,
			     bool *sure_r)
{
	enum found found;

	if (!return_path_allows(&matter->path, matter->key.key, address->address))
		return false;
	found = matter->path.recipient != 0 ? FOUND_ONE : ask_journal(matter, address);
	*sure_r = found == FOUND_ONE;
	return found != FOUND_NONE;
}

/* The one recipient of the message, when its own header To names it: forwarders report on their own addresses, and
 * feedback loops leave the address out. */
static bool recipient_of_header(const struct matter *matter, struct mailbox *address_r)
{
	const char *to = matter->report->returned_to, *open = strrchr(to, '<');
	struct error err;
	char text[BOUNCE_FIELD_SIZE];

	snprintf(text, sizeof(text), "%s", open != NULL ? open : to);
	return matter->path.recipient != 0 && mailbox_parse(text, address_r, &err) &&
	       !address_r->is_null &&
	       return_path_allows(&matter->path, matter->key.key, address_r->address);
}

static unsigned setting(const struct matter *matter, enum setting_id id)
{
	return (unsigned)matter->policy->settings[id].number;
}

static struct bounce_limits limits_of(const struct matter *matter)
{
	unsigned soft_days = setting(matter, SETTING_BULK_SOFT_BOUNCE_DAYS);
	unsigned path_days = matter->effects->site.max_days;

	return (struct bounce_limits){
	    .now = matter->effects->now,
	    .soft = setting(matter, SETTING_BULK_SOFT_BOUNCE_LIMIT),
	    .soft_days = soft_days,
	    .keep_days = (soft_days > path_days ? soft_days : path_days) + 2,
	};
}

static void log_effect(const struct matter *matter, const struct bounce_finding *finding,
		       const char *status, const char *effect)
{
	/* The address itself is in the database, where erasing a person finds it. */
	log_info("bounce tenant=%s message=%016llx domain=%s class=%s status=%s effect=%s "
		 "text=\"%.200s\"",
		 matter->policy->tenant, (unsigned long long)matter->path.message,
		 finding->address->domain, bounce_class_name(finding->class),
		 status[0] != '\0' ? status : "-", effect, finding->note);
}

static bool take_finding(const struct matter *matter, struct bounce_finding *finding,
			 const char *status, struct error *err)
{
	struct bounce_limits limits = limits_of(matter);
	enum bounce_effect effect;

	finding->path = &matter->path;
	if (!bounces_take(matter->effects->suppressions, &limits, finding, &effect, err))
		return false;
	log_effect(matter, finding, status, bounce_effect_name(effect));
	return true;
}

static bool take_recipient(const struct matter *matter, size_t at, struct error *err)
{
	const struct bounce_recipient *recipient = &matter->report->recipients[at];
	struct bounce_finding finding = {
	    .class = bounce_classify(matter->effects->rules, matter->report, at).class,
	    .note = recipient->text,
	};
	struct mailbox address;
	struct error unread;
	bool known = mailbox_parse(recipient->address, &address, &unread) && !address.is_null &&
		     accept_recipient(matter, &address, &finding.sure);

	if (!known && matter->report->count == 1)
		known = finding.sure = recipient_of_header(matter, &address);
	if (!known) {
		log_warning("bounce tenant=%s message=%016llx: it is about %.100s, which was no "
			    "recipient of that message; dropped",
			    matter->policy->tenant, (unsigned long long)matter->path.message,
			    strchr(recipient->address, '@') != NULL
				? strchr(recipient->address, '@')
				: "something");
		return true;
	}
	finding.address = &address;
	return take_finding(matter, &finding, recipient->status, err);
}

/* A complaint that names nobody is about whom the message names. */
static bool take_unnamed(const struct matter *matter, struct error *err)
{
	struct bounce_finding finding = {.class = BOUNCE_UNWANTED, .sure = true, .note = ""};
	struct mailbox address;

	if (!recipient_of_header(matter, &address)) {
		log_warning("complaint tenant=%s message=%016llx: it does not say whose it is; "
			    "dropped",
			    matter->policy->tenant, (unsigned long long)matter->path.message);
		return true;
	}
	finding.address = &address;
	return take_finding(matter, &finding, "", err);
}

static bool take_matter(const struct matter *matter, struct error *err)
{
	const struct bounce_report *report = matter->report;

	if (report->count == 0 && report->kind == BOUNCE_COMPLAINT)
		return take_unnamed(matter, err);
	if (report->count == 0)
		log_info(
		    "bounce tenant=%s message=%016llx class=%s effect=ignored subject=\"%.100s\"",
		    matter->policy->tenant, (unsigned long long)matter->path.message,
		    bounce_class_name(
			bounce_classify_message(matter->effects->rules, report).class),
		    report->subject);
	for (size_t i = 0; i < report->count; i++) {
		if (!take_recipient(matter, i, err))
			return false;
	}
	return true;
}

/* Which message a report that came to `to` is about; false: it is about none of ours, or cannot be told now. */
static bool find_message(struct matter *matter, const char *to, enum return_address *answer_r,
			 struct error *err)
{
	const struct effects *effects = matter->effects;

	if (!mailbox_parse(to, &matter->sender, err))
		return false;
	*answer_r =
	    return_address_judge(&effects->site, &matter->sender, effects->now, &matter->path, err);
	if (*answer_r != RETURN_ADDRESS_COMPLAINTS)
		return true;
	/* The loop's address is no secret: only a return path inside the report says that it is genuine. */
	if (matter->report->kind != BOUNCE_COMPLAINT ||
	    !mailbox_parse(matter->report->returned_path, &matter->sender, err)) {
		*answer_r = RETURN_ADDRESS_FORGED;
		return true;
	}
	*answer_r =
	    return_address_judge(&effects->site, &matter->sender, effects->now, &matter->path, err);
	return true;
}

static bool take_genuine(struct matter *matter, struct error *err)
{
	struct policy_answer answer;
	bool done = true;

	if (!policy_of_tenant(matter->effects->policies, matter->path.tenant_id, &answer, err))
		return false;
	matter->policy = answer.policy;
	if (answer.policy == NULL)
		log_info("bounce: tenant %u is not there any more; dropped",
			 (unsigned)matter->path.tenant_id);
	else if (key_file_load(matter->effects->site.key_file, &matter->key, err) != FOUND_ONE)
		done = false;
	else
		done = take_matter(matter, err);
	key_file_wipe(&matter->key);
	policy_release(answer.policy);
	return done;
}

bool effects_take(struct effects *effects, const char *to, const struct bounce_report *report,
		  struct error *err)
{
	struct matter matter = {.effects = effects, .report = report};
	enum return_address answer = RETURN_ADDRESS_FORGED;

	if (!find_message(&matter, to, &answer, err))
		answer = RETURN_ADDRESS_FORGED;
	switch (answer) {
	case RETURN_ADDRESS_GENUINE:
		return take_genuine(&matter, err);
	case RETURN_ADDRESS_UNKNOWN:
		return false;
	case RETURN_ADDRESS_EXPIRED:
		log_info("bounce to=%.100s: the return path has expired; dropped", to);
		return true;
	case RETURN_ADDRESS_ELSEWHERE:
	case RETURN_ADDRESS_COMPLAINTS:
	case RETURN_ADDRESS_FORGED:
		log_warning("bounce to=%.100s: no return path of this relay; dropped", to);
		return true;
	}
	return true;
}
