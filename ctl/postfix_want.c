/* SPDX-License-Identifier: BSD-2-Clause */
/* The desired configuration of Postfix. */
#include "ctl/postfix_want.h"
#include "ctl/postfix_tables.h"
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_EGRESS "retry:4.7.1 easymail knows no egress address for this sender"

const char *const postfix_owned_parameters[] = {
    "smtpd_milters",
    "milter_header_checks",
    "smtpd_relay_restrictions",
    "sender_dependent_default_transport_maps",
    "default_transport",
    "smtp_bind_address_enforce",
    NULL,
};

static char *format_path(const char *directory, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/easymail/%s", directory, name) < 0)
		err(1, "memory");
	return path;
}

void postfix_tables_paths(const char *directory, char *paths_r[POSTFIX_TABLES_MAX])
{
	size_t count = 0;

	for (const struct postfix_table *table = postfix_tables; table->name; table++)
		paths_r[count++] = format_path(directory, table->name);
	paths_r[count] = NULL;
}

void postfix_tables_free(char *paths[POSTFIX_TABLES_MAX])
{
	for (size_t i = 0; paths[i]; i++)
		free(paths[i]);
}

/* A group's name as part of a parameter's, where no hyphen may be; groups have no underscore of their own. */
static void bindings_prefix(const char *group, char prefix_r[128])
{
	snprintf(prefix_r, 128, "easymail_group_%s", group);
	for (char *at = prefix_r; *at; at++) {
		if (*at == '-')
			*at = '_';
	}
}

/* The address that the group's own transport is bound to; NULL when none may send. */
static const struct egress_ip_row *group_ip(const struct egress_inventory *inventory,
					    const char *group)
{
	struct egress_set *set = egress_set_new(inventory->ip_count);
	const struct egress_ip_row *result = NULL;
	const struct egress_ip *selected;

	set->count = 0;
	for (size_t i = 0; i < inventory->ip_count; i++) {
		if (strcmp(inventory->ips[i].group, group) == 0)
			set->ips[set->count++] = inventory->ips[i].ip;
	}
	selected = set->count ? egress_select(set, group) : NULL;
	for (size_t i = 0; selected && i < inventory->ip_count; i++) {
		if (ip_compare(&inventory->ips[i].ip.address, &selected->address) == 0)
			result = &inventory->ips[i];
	}
	egress_set_free(set);
	return result;
}

/* How a transport is kept to one address. */
struct binding {
	char address[IP_TEXT_SIZE];  /* of IPv4 */
	char address6[IP_TEXT_SIZE]; /* of IPv6; "" where that is never used */
	const char *protocols;
	const char *helo;
};

/* From an IPv6 address, or from none, mail for a host that has only IPv4 waits until an IPv4 address is back. From an
 * IPv4 address, a host that has only IPv6 cannot be reached, and the sender is told. */
static struct binding make_binding(const struct egress_ip_row *row)
{
	struct binding binding = {POSTFIX_HOLD_ADDRESS, POSTFIX_HOLD_ADDRESS6, "all",
				  "$myhostname"};

	if (!row)
		return binding;
	binding.helo = row->helo_name;
	if (!ip_is_v4(&row->ip.address)) {
		ip_format(&row->ip.address, binding.address6);
		return binding;
	}
	ip_format(&row->ip.address, binding.address);
	binding.address6[0] = '\0';
	binding.protocols = "ipv4";
	return binding;
}

static void want_binding(const char *group, const struct egress_ip_row *row,
			 struct pairs *parameters)
{
	struct binding binding = make_binding(row);
	char prefix[128], name[160];

	bindings_prefix(group, prefix);
	snprintf(name, sizeof(name), "%s_address", prefix);
	pairs_set(parameters, name, binding.address);
	snprintf(name, sizeof(name), "%s_address6", prefix);
	pairs_set(parameters, name, binding.address6);
	snprintf(name, sizeof(name), "%s_protocols", prefix);
	pairs_set(parameters, name, binding.protocols);
	snprintf(name, sizeof(name), "%s_helo", prefix);
	pairs_set(parameters, name, binding.helo);
}

void postfix_want_bindings(const struct egress_inventory *inventory, struct pairs *parameters_r)
{
	for (size_t i = 0; i < inventory->group_count; i++) {
		const char *group = inventory->groups[i].name;

		want_binding(group, group_ip(inventory, group), parameters_r);
	}
}

/* The first lines of a service that delivers through smtp(8), chrooted as the operator's own smtp is. */
static void service_head(const char *name, int64_t processes, const struct postfix_state *current,
			 char head_r[512])
{
	const char *smtp = pairs_get(&current->services, "smtp/unix");
	char chroot[8] = "-", limit[24] = "-";

	if (smtp)
		sscanf(smtp, "%*s %*s %*s %*s %7s", chroot);
	/* A signed body must not change any more: our milter counts on lines of 998 octets, and no
	 * 8-bit text may become quoted-printable for a server that does not announce 8BITMIME. */
	if (processes > 0)
		snprintf(limit, sizeof(limit), "%lld", (long long)processes);
	snprintf(head_r, 512,
		 "%s unix - - %s - %s smtp -o syslog_name=postfix/%s -o smtp_line_length_limit=998"
		 " -o disable_mime_output_conversion=yes",
		 name, chroot, limit, name);
}

/* Our header checks, then the operator's: a transport's own option hides the one of main.cf. */
static char *header_checks(const char *directory, const struct postfix_state *current, bool rebinds)
{
	const char *others = pairs_get(&current->parameters, "smtp_header_checks");
	char *strip = format_path(directory, "smtp_header_checks");
	char *rebind = format_path(directory, "rebind"), *option;
	bool has_others = others && others[0];

	if (asprintf(&option, "-o %ssmtp_header_checks=regexp:%s%s%s%s%s%s", has_others ? "{" : "",
		     strip, rebinds ? ",hash:" : "", rebinds ? rebind : "", has_others ? ", " : "",
		     has_others ? others : "", has_others ? "}" : "") < 0)
		err(1, "memory");
	free(strip);
	free(rebind);
	return option;
}

/* The process limit of a group's transports; 0: Postfix' own. */
static int64_t processes_of(const struct egress_inventory *inventory, const char *group)
{
	return postfix_group_is_bulk(inventory, group) ? inventory->bulk.processes : 0;
}

static void want_egress_service(const struct egress_ip_row *row, int64_t processes,
				const struct postfix_site *site,
				const struct postfix_state *current, struct pairs *services)
{
	char name[EGRESS_TRANSPORT_SIZE], key[EGRESS_TRANSPORT_SIZE + 8], head[512];
	struct binding binding = make_binding(row);
	char *checks = header_checks(site->directory, current, false);

	egress_transport_name(&row->ip.address, name);
	snprintf(key, sizeof(key), "%s/unix", name);
	service_head(name, processes, current, head);
	pairs_format(services, key,
		     "%s -o smtp_bind_address=%s -o smtp_bind_address6=%s -o inet_protocols=%s"
		     " -o smtp_address_preference=ipv6 -o smtp_bind_address_enforce=yes -o "
		     "smtp_helo_name=%s %s",
		     head, binding.address, binding.address6, binding.protocols, binding.helo,
		     checks);
	free(checks);
}

static void want_group_service(const char *group, int64_t processes,
			       const struct postfix_site *site, const struct postfix_state *current,
			       struct pairs *services)
{
	char name[EGRESS_TRANSPORT_SIZE], key[EGRESS_TRANSPORT_SIZE + 8], head[512], prefix[128];
	char *checks = header_checks(site->directory, current, true);

	egress_group_transport_name(group, name);
	bindings_prefix(group, prefix);
	snprintf(key, sizeof(key), "%s/unix", name);
	service_head(name, processes, current, head);
	/* A cached connection would outlive its binding. */
	pairs_format(
	    services, key,
	    "%s -o smtp_bind_address=$%s_address -o smtp_bind_address6=$%s_address6"
	    " -o inet_protocols=$%s_protocols -o smtp_address_preference=ipv6"
	    " -o smtp_bind_address_enforce=yes -o smtp_helo_name=$%s_helo"
	    " -o smtp_connection_cache_on_demand=no -o smtp_connection_cache_destinations= %s",
	    head, prefix, prefix, prefix, prefix, checks);
	free(checks);
}

/* The operator's header checks after ours. */
static void want_milter_header_checks(const struct postfix_site *site,
				      const struct postfix_state *current, struct pairs *parameters)
{
	const char *others = pairs_get(&current->parameters, "milter_header_checks");
	char *path = format_path(site->directory, "milter_header_checks"), *ours;
	size_t length;

	if (asprintf(&ours, "regexp:%s", path) < 0)
		err(1, "memory");
	length = strlen(ours);
	if (others && strncmp(others, ours, length) == 0 &&
	    (others[length] == '\0' || others[length] == ',' || others[length] == ' '))
		pairs_set(parameters, "milter_header_checks", others);
	else
		pairs_format(parameters, "milter_header_checks", "%s%s%s", ours,
			     others && others[0] ? ", " : "", others ? others : "");
	free(ours);
	free(path);
}

static void want_parameters(const struct postfix_site *site, const struct postfix_state *current,
			    struct pairs *parameters)
{
	const char *milters = pairs_get(&current->parameters, "smtpd_milters");
	char *wanted = postfix_want_milters(milters ? milters : "", site->milter_socket);

	pairs_set(parameters, "smtpd_milters", wanted);
	free(wanted);
	want_milter_header_checks(site, current, parameters);
	pairs_format(parameters, "smtpd_relay_restrictions",
		     "check_client_access socketmap:unix:%s:clients, reject", site->mapd_socket);
	pairs_format(parameters, "sender_dependent_default_transport_maps",
		     "socketmap:unix:%s:egress", site->mapd_socket);
	pairs_set(parameters, "default_transport", NO_EGRESS);
	pairs_set(parameters, "smtp_bind_address_enforce", "yes");
}

void postfix_want(const struct postfix_site *site, const struct egress_inventory *inventory,
		  const struct postfix_state *current, struct postfix_state *wanted_r)
{
	*wanted_r = (struct postfix_state){0};
	want_parameters(site, current, &wanted_r->parameters);
	postfix_want_bindings(inventory, &wanted_r->parameters);
	postfix_want_bulk(inventory, current, &wanted_r->parameters);
	for (size_t i = 0; i < inventory->ip_count; i++)
		want_egress_service(&inventory->ips[i],
				    processes_of(inventory, inventory->ips[i].group), site, current,
				    &wanted_r->services);
	for (size_t i = 0; i < inventory->group_count; i++)
		want_group_service(inventory->groups[i].name,
				   processes_of(inventory, inventory->groups[i].name), site,
				   current, &wanted_r->services);
	for (const struct postfix_table *table = postfix_tables; table->name; table++) {
		char *path = format_path(site->directory, table->name);

		pairs_set(&wanted_r->files, path, table->text);
		free(path);
	}
}
