/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix in `easymailctl status`: what would make the relay unsafe, fail open or send from elsewhere. */
#include "ctl/host_address.h"
#include "ctl/postfix_site.h"
#include "ctl/status.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *parameter(const struct postfix_view *view, const char *name)
{
	const char *value = pairs_get(&view->current.parameters, name);

	return value ? value : "";
}

/* Options of single services in master.cf that undo what main.cf says. */
static void note_overrides(struct status *status, const struct postfix_view *view)
{
	static const char *const dangerous[] = {"smtpd_milters",
						"smtpd_relay_restrictions",
						"milter_default_action",
						"milter_header_checks",
						"smtp_bind_address_enforce",
						"sender_dependent_default_transport_maps"};

	for (size_t i = 0; i < view->current.overrides.count; i++) {
		const struct pair *pair = &view->current.overrides.items[i];
		const char *name = strrchr(pair->name, '/');

		for (size_t d = 0; name && d < sizeof(dangerous) / sizeof(dangerous[0]); d++) {
			if (strncmp(pair->name, "easymail-", strlen("easymail-")) != 0 &&
			    strcmp(name + 1, dangerous[d]) == 0)
				status_note(status, "postfix", false,
					    "master.cf: %s = %s overrides main.cf; remove it",
					    pair->name, pair->value);
		}
	}
}

static void note_relay_permission(struct status *status, const struct postfix_view *view)
{
	const char *value = parameter(view, "smtpd_relay_restrictions");
	char ours[600];

	snprintf(ours, sizeof(ours), "check_client_access socketmap:unix:%s:clients, reject",
		 view->site.mapd_socket);
	if (strcmp(value, ours) == 0)
		status_note(status, "postfix", true, "relays for the tenants' servers only");
	else
		status_note(status, "postfix", false,
			    "smtpd_relay_restrictions = %s lets others decide who may relay; run "
			    "`easymailctl postfix apply`",
			    value);
}

static void note_milter(struct status *status, const struct postfix_view *view)
{
	if (postfix_has_milter(parameter(view, "smtpd_milters"), view->site.milter_socket))
		status_note(status, "postfix", true,
			    "asks easymail-milter, and fails closed without it");
	else
		status_note(status, "postfix", false,
			    "smtpd_milters = %s does not have easymail-milter with "
			    "default_action=tempfail; run "
			    "`easymailctl postfix apply`",
			    parameter(view, "smtpd_milters"));
}

/* What sends mail past the transports that easymail chooses. */
static void note_routing(struct status *status, const struct postfix_view *view)
{
	static const char *const overruling[] = {"transport_maps", "content_filter"};

	if (strcmp(parameter(view, "smtp_bind_address_enforce"), "yes") != 0)
		status_note(
		    status, "postfix", false,
		    "smtp_bind_address_enforce is off: mail may leave from another address; run "
		    "`easymailctl postfix apply`");
	for (size_t i = 0; i < sizeof(overruling) / sizeof(overruling[0]); i++) {
		const char *value = parameter(view, overruling[i]);

		if (value[0])
			status_note(status, "postfix", false,
				    "%s = %s can overrule the tenants' egress; remove it",
				    overruling[i], value);
	}
}

static void note_drift(struct status *status, const struct postfix_view *view)
{
	struct postfix_plan plan;

	postfix_view_plan(view, &plan);
	if (plan.count == 0)
		status_note(status, "postfix", true,
			    "main.cf and master.cf are as the database wants them");
	else
		status_note(status, "postfix", false,
			    "%zu changes are due; `easymailctl postfix diff` shows them",
			    plan.count);
	postfix_plan_free(&plan);
}

static void note_addresses(struct status *status, const struct postfix_view *view)
{
	size_t usable = 0;

	for (size_t i = 0; i < view->inventory.ip_count; i++) {
		const struct egress_ip_row *row = &view->inventory.ips[i];
		struct error err = {"this host does not have it"};

		if (row->ip.state == EGRESS_DOWN)
			continue;
		if (host_has_address(&row->ip.address, &err) == FOUND_ONE)
			usable++;
		else
			status_note(
			    status, "egress", false,
			    "%s: %s; add it to an interface, or run `easymailctl egress down %s`",
			    row->address, err.text, row->address);
	}
	status_note(status, "egress", usable > 0, "%zu of %zu addresses can send", usable,
		    view->inventory.ip_count);
}

static void note_groups(struct status *status, const struct postfix_view *view)
{
	for (size_t i = 0; i < view->inventory.group_count; i++) {
		const struct egress_group_row *group = &view->inventory.groups[i];

		if (group->usable == 0)
			status_note(
			    status, "egress", group->tenants == 0 && group->way == WAY_CORPORATE,
			    "group %s has no address that can send; %s mail of its %lld tenants "
			    "waits",
			    group->name, egress_way_name(group->way), (long long)group->tenants);
	}
}

/* The milter has no question of its own on this socket; that it takes a connection is what Postfix needs first. */
static void note_socket(struct ctl *ctl, struct status *status)
{
	const char *path = config_text(ctl->config, "milter.socket");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	answers = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	status_note(status, "milter", answers, "%s on %s",
		    answers ? "takes connections" : "does not take connections", path);
	if (fd >= 0)
		close(fd);
}

void status_postfix(struct ctl *ctl, struct status *status)
{
	struct postfix_view view;
	struct error err;
	bool running;

	note_socket(ctl, status);
	if (!postfix_view_read(ctl, &view, &err)) {
		status_note(status, "postfix", false, "%s", err.text);
		return;
	}
	running = postfix_conf_is_running(view.site.directory);
	status_note(status, "postfix", running, "%s: %s", view.site.directory,
		    running ? "runs" : "does not run, or this user may not ask");
	note_relay_permission(status, &view);
	note_milter(status, &view);
	note_routing(status, &view);
	note_overrides(status, &view);
	note_drift(status, &view);
	note_groups(status, &view);
	note_addresses(status, &view);
	postfix_view_free(&view);
}
