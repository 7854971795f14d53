/* SPDX-License-Identifier: BSD-2-Clause */
/* Options into numbers, and what no single option can say. */
#include "services/monitor/settings.h"
#include "common/mailbox.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "192.0.2.25" or "192.0.2.25@587". */
static bool read_target(const char *word, struct monitor_target *target_r, struct error *err)
{
	char address[IP_TEXT_SIZE];
	size_t length = strcspn(word, "@");
	char *end = NULL;
	long port = 25;

	if (word[length] == '@')
		port = strtol(word + length + 1, &end, 10);
	snprintf(address, sizeof(address), "%.*s", (int)length, word);
	if (length >= sizeof(address) || !ip_parse(address, &target_r->address, err) ||
	    (end && (*end != '\0' || end == word + length + 1)) || port < 1 || port > 65535)
		return error_set(
		    err,
		    "monitor.probe_targets: \"%s\" is no address, such as 192.0.2.25 or, "
		    "with another port than 25, 192.0.2.25@587",
		    word);
	target_r->port = (in_port_t)port;
	return true;
}

static bool read_targets(const char *text, struct monitor_settings *settings, struct error *err)
{
	static const char separators[] = " \t,";
	char word[IP_TEXT_SIZE + 8];

	for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
		size_t length = strcspn(text, separators);

		snprintf(word, sizeof(word), "%.*s", (int)length, text);
		if (settings->target_count == MONITOR_TARGETS_MAX)
			return error_set(err, "monitor.probe_targets: more than %d; leave some out",
					 MONITOR_TARGETS_MAX);
		if (!read_target(word, &settings->targets[settings->target_count++], err))
			return false;
		text += length;
	}
	return true;
}

static bool read_rules(const struct config *config, struct evidence_rules *rules_r,
		       struct error *err)
{
	*rules_r = (struct evidence_rules){
	    .bad = (unsigned)config_number(config, "monitor.bad_looks"),
	    .window = (unsigned)config_number(config, "monitor.window"),
	    .well = (unsigned)config_number(config, "monitor.clean_looks"),
	};
	return rules_r->bad <= rules_r->window ||
	       error_set(err, "monitor.bad_looks: %u is more than monitor.window, %u", rules_r->bad,
			 rules_r->window);
}

static bool check_notify_to(const char *address, struct error *err)
{
	struct mailbox mailbox;

	if (address[0] == '\0')
		return true;
	if (!mailbox_parse(address, &mailbox, err))
		return error_prefix(err, "monitor.notify_to: ");
	return !mailbox.is_null ||
	       error_set(err, "monitor.notify_to: '%s' is no mail address", address);
}

bool monitor_settings_read(const struct config *config, struct monitor_settings *settings_r,
			   struct error *err)
{
	*settings_r = (struct monitor_settings){
	    .database = config_text(config, "database"),
	    .journal = config_text(config, "journal"),
	    .busy_ms = (int)config_number(config, "database.busy_timeout"),
	    .dns_servers = config_text(config, "dns.servers"),
	    .dns_timeout_ms = (int)config_number(config, "dns.timeout"),
	    .interval_ms = (int)config_number(config, "monitor.interval"),
	    .confirm_ms = (int)config_number(config, "monitor.confirm_interval"),
	    .probe_timeout_ms = (int)config_number(config, "monitor.probe_timeout"),
	    .refusal_least = config_number(config, "monitor.refusal_least"),
	    .refusal_minutes = config_number(config, "monitor.refusal_window") / 60000,
	    .domain_interval_ms = config_number(config, "monitor.domain_interval"),
	    .notify_command = config_text(config, "monitor.notify_command"),
	    .notify_to = config_text(config, "monitor.notify_to"),
	    .postfix_directory = config_text(config, "postfix.config_directory"),
	};
	return read_rules(config, &settings_r->rules, err) &&
	       check_notify_to(settings_r->notify_to, err) &&
	       read_targets(config_text(config, "monitor.probe_targets"), settings_r, err);
}
