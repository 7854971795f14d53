/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl egress: the addresses that mail leaves from. */
#include "common/egress_ips.h"
#include "common/mailbox.h"
#include "common/socketmap.h"
#include "ctl/egress_story.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EGRESS_KEYS "address group state by weight helo transport since warmup reason"

static struct json *egress_json(const struct egress_ip_row *row)
{
	struct json *object = json_new_object();
	char transport[EGRESS_TRANSPORT_SIZE];

	egress_transport_name(&row->ip.address, transport);
	json_put_text(object, "address", row->address);
	json_put_text(object, "group", row->group);
	json_put_text(object, "state", egress_state_name(row->ip.state));
	json_put_text(object, "by", row->by_monitor ? "monitor" : "operator");
	json_put_number(object, "weight", row->ip.weight);
	json_put_text(object, "helo", row->helo_name);
	json_put_text(object, "transport", transport);
	json_put_text(object, "since", row->state_since);
	json_put_text(object, "warmup", row->warmup_start[0] ? row->warmup_start : NULL);
	json_put_bool(object, "spent", row->ip.spent);
	json_put_text(object, "reason", row->reason);
	return object;
}

static bool read_weight(const char *text, unsigned *weight_r, struct error *err)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || !isdigit((unsigned char)text[0]) || *end || value < 1 || value > 1000)
		return error_set(err, "--weight: %s is not a number from 1 to 1000", text);
	*weight_r = (unsigned)value;
	return true;
}

static bool fit(const char *field, const char *text, char *copy_r, size_t size, struct error *err)
{
	if (strlen(text) >= size)
		return error_set(err, "%s: %s is longer than %zu letters", field, text, size - 1);
	snprintf(copy_r, size, "%s", text);
	return true;
}

static bool add(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *weight = ctl_option(ctl, "--weight");
	bool warm = ctl_option(ctl, "--warm") != NULL;
	struct egress_ip_row row = {
	    .ip = {.weight = 100, .state = warm ? EGRESS_WARMING : EGRESS_ACTIVE}};

	return (!weight || read_weight(weight, &row.ip.weight, err)) &&
	       fit("address", ctl_argument(ctl, 0), row.address, sizeof(row.address), err) &&
	       fit("--helo", ctl_option(ctl, "--helo"), row.helo_name, sizeof(row.helo_name),
		   err) &&
	       fit("--group", ctl_option(ctl, "--group"), row.group, sizeof(row.group), err) &&
	       egress_ips_add(db, &row, err);
}

bool ctl_egress_add(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, add, err))
		return false;
	output_done(ctl,
		    "egress address %s: added; `easymailctl postfix apply` gives it a transport",
		    ctl_argument(ctl, 0));
	return true;
}

static void append_ip(const struct egress_ip_row *row, void *context)
{
	json_append(context, egress_json(row));
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!egress_ips_list(db, ctl_argument(ctl, 0), append_ip, rows, err)) {
		json_drop(rows);
		return false;
	}
	output_list(ctl, EGRESS_KEYS, rows);
	return true;
}

bool ctl_egress_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static bool show(struct ctl *ctl, struct db *db, struct error *err)
{
	struct egress_ip_row row;

	switch (egress_ips_find(db, ctl_argument(ctl, 0), &row, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(
		    err, "address: %s is no egress address; `easymailctl egress list` shows them",
		    ctl_argument(ctl, 0));
	case FOUND_ONE:
		break;
	}
	ctl->context = egress_json(&row);
	return egress_story_evidence(db, row.address, ctl->context, err);
}

bool ctl_egress_show(struct ctl *ctl, struct error *err)
{
	bool done = ctl_read(ctl, show, err);
	struct json *object = ctl->context;

	if (done) {
		egress_story_history(ctl, json_get_text(object, "address"), object);
		output_object(ctl, EGRESS_KEYS, json_clone(object));
		if (!ctl->json)
			egress_story_print(object);
	}
	json_drop(object);
	return done;
}

static bool delete (struct ctl *ctl, struct db *db, struct error *err)
{
	return egress_ips_delete(db, ctl_argument(ctl, 0), err);
}

bool ctl_egress_delete(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, delete, err))
		return false;
	output_done(ctl,
		    "egress address %s: deleted; `easymailctl postfix apply` removes its transport",
		    ctl_argument(ctl, 0));
	return true;
}

static bool set(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *address = ctl_argument(ctl, 0), *weight_text = ctl_option(ctl, "--weight");
	const char *helo = ctl_option(ctl, "--helo"), *group = ctl_option(ctl, "--group");
	unsigned weight = 0;

	if (!ctl_needs_an_option(ctl, err) ||
	    (weight_text && !read_weight(weight_text, &weight, err)))
		return false;
	return (!helo || egress_ips_set_helo(db, address, helo, err)) &&
	       (!group || egress_ips_set_group(db, address, group, err)) &&
	       (!weight_text || egress_ips_set_weight(db, address, weight, err));
}

bool ctl_egress_set(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, set, err))
		return false;
	output_done(ctl,
		    "egress address %s: changed; `easymailctl postfix diff` shows whether Postfix "
		    "must be told",
		    ctl_argument(ctl, 0));
	return true;
}

static bool ask_mapd(const struct ctl *ctl, const char *address, struct socketmap_reply *reply,
		     struct error *err)
{
	const char *socket = config_text(ctl->config, "mapd.socket");

	switch (socketmap_ask(socket, "egress", address, 5000, reply, err)) {
	case FOUND_ERROR:
		return error_prefix(err, "easymail-mapd on %s: ", socket);
	case FOUND_NONE:
		return error_set(
		    err, "sender: %s has no egress address; mail from it waits in the queue",
		    address);
	case FOUND_ONE:
		break;
	}
	return true;
}

bool ctl_egress_which(struct ctl *ctl, struct error *err)
{
	struct mailbox sender;
	struct socketmap_reply reply;
	struct json *object;

	if (!mailbox_parse(ctl_argument(ctl, 0), &sender, err))
		return error_prefix(err, "sender: ");
	if (sender.is_null)
		return error_set(err, "sender: the null sender's transport depends on the message; "
				      "`easymailctl check` says which");
	if (!ask_mapd(ctl, sender.address, &reply, err))
		return false;
	object = json_new_object();
	json_put_text(object, "sender", sender.address);
	json_put_text(object, "transport", reply.text);
	output_object(ctl, "sender transport", object);
	return true;
}
