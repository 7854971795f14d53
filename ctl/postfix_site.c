/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers what the plan for Postfix is made from. */
#include "ctl/postfix_site.h"
#include "common/setting_rows.h"
#include "common/store.h"
#include "ctl/host_address.h"
#include <err.h>
#include <stdlib.h>
#include <string.h>

static void *grow(void *items, size_t count, size_t size)
{
	void *grown = reallocarray(items, count + 1, size);

	if (!grown)
		err(1, "memory");
	return grown;
}

static void take_group(const struct egress_group_row *row, void *context)
{
	struct egress_inventory *inventory = context;

	inventory->groups = grow(inventory->groups, inventory->group_count, sizeof(*row));
	inventory->groups[inventory->group_count++] = *row;
}

static void take_ip(const struct egress_ip_row *row, void *context)
{
	struct egress_inventory *inventory = context;

	inventory->ips = grow(inventory->ips, inventory->ip_count, sizeof(*row));
	inventory->ips[inventory->ip_count++] = *row;
}

/* The provider's number for a setting. */
static bool read_number(struct db *db, enum setting_id id, int64_t *number_r, struct error *err)
{
	struct setting_row row;
	struct setting_value value;

	if (!setting_rows_get(db, NULL, setting_definitions[id].name, &row, err) ||
	    !setting_parse(id, row.value, &value, err))
		return false;
	*number_r = value.number;
	return true;
}

static bool read_limits(struct db *db, struct bulk_limits *limits_r, struct error *err)
{
	return read_number(db, SETTING_BULK_PROCESSES, &limits_r->processes, err) &&
	       read_number(db, SETTING_BULK_DESTINATION_CONCURRENCY,
			   &limits_r->destination_concurrency, err) &&
	       read_number(db, SETTING_BULK_DESTINATION_RATE_DELAY,
			   &limits_r->destination_rate_delay, err) &&
	       read_number(db, SETTING_BULK_QUEUE_LIMIT, &limits_r->queue_limit, err);
}

bool egress_inventory_read(struct ctl *ctl, struct egress_inventory *inventory_r, struct error *err)
{
	struct db *db;
	bool done;

	*inventory_r = (struct egress_inventory){0};
	if (!store_open(config_text(ctl->config, "database"), STORE_READ,
			(int)config_number(ctl->config, "database.busy_timeout"), &db, err))
		return false;
	done = store_begin(db, err) && egress_groups_list(db, take_group, inventory_r, err) &&
	       egress_ips_list(db, NULL, take_ip, inventory_r, err) &&
	       read_limits(db, &inventory_r->bulk, err);
	store_close(db);
	if (!done)
		egress_inventory_free(inventory_r);
	return done;
}

void egress_inventory_free(struct egress_inventory *inventory)
{
	free(inventory->groups);
	free(inventory->ips);
	*inventory = (struct egress_inventory){0};
}

/* A socket's path as a process sees it whose root or working directory is the queue directory. */
static bool below_queue(const char *option, const char *path, const char *queue, char *relative_r,
			struct error *err)
{
	size_t length = strlen(queue);

	while (length > 0 && queue[length - 1] == '/')
		length--;
	if (strncmp(path, queue, length) != 0 || path[length] != '/' || path[length + 1] == '\0')
		return error_set(
		    err,
		    "%s: %s is not below Postfix' queue_directory %s, where its chrooted services "
		    "could reach it; set it to %s/easymail/…",
		    option, path, queue, queue);
	snprintf(relative_r, 512, "%s", path + length + 1);
	return true;
}

static bool read_site(struct ctl *ctl, struct postfix_view *view, struct error *err)
{
	const char *queue = pairs_get(&view->current.parameters, "queue_directory");

	if (!queue)
		return error_set(err, "postfix.config_directory: %s has no queue_directory",
				 view->site.directory);
	return below_queue("milter.socket", config_text(ctl->config, "milter.socket"), queue,
			   view->site.milter_socket, err) &&
	       below_queue("mapd.socket", config_text(ctl->config, "mapd.socket"), queue,
			   view->site.mapd_socket, err);
}

bool postfix_view_read(struct ctl *ctl, struct postfix_view *view_r, struct error *err)
{
	char *paths[POSTFIX_TABLES_MAX];
	bool done;

	memset(view_r, 0, sizeof(*view_r));
	snprintf(view_r->site.directory, sizeof(view_r->site.directory), "%s",
		 config_text(ctl->config, "postfix.config_directory"));
	postfix_tables_paths(view_r->site.directory, paths);
	done = postfix_conf_read(view_r->site.directory, (const char *const *)paths,
				 &view_r->current, err) &&
	       read_site(ctl, view_r, err) && egress_inventory_read(ctl, &view_r->inventory, err);
	postfix_tables_free(paths);
	if (!done)
		postfix_state_free(&view_r->current);
	return done;
}

void postfix_view_free(struct postfix_view *view)
{
	egress_inventory_free(&view->inventory);
	postfix_state_free(&view->current);
}

bool postfix_view_check_addresses(const struct postfix_view *view, struct error *err)
{
	for (size_t i = 0; i < view->inventory.ip_count; i++) {
		const struct egress_ip_row *row = &view->inventory.ips[i];

		if (row->ip.state == EGRESS_DOWN)
			continue;
		switch (host_has_address(&row->ip.address, err)) {
		case FOUND_ERROR:
			return false;
		case FOUND_NONE:
			return error_set(err,
					 "egress address %s: this host does not have it; add it to "
					 "an interface, "
					 "or run `easymailctl egress down %s`",
					 row->address, row->address);
		case FOUND_ONE:
			break;
		}
	}
	return true;
}

void postfix_view_plan(const struct postfix_view *view, struct postfix_plan *plan_r)
{
	struct postfix_state wanted;

	postfix_want(&view->site, &view->inventory, &view->current, &wanted);
	postfix_plan_make(&view->current, &wanted, plan_r);
	postfix_state_free(&wanted);
}
