/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl reply: the table of what receivers' replies mean, and what it says of one. */
#include "common/reply_rules.h"
#include "ctl/nouns.h"
#include "ctl/output.h"

static bool load(const struct ctl *ctl, struct reply_rules **rules_r, struct error *err)
{
	return reply_rules_load(config_text(ctl->config, "tracker.replies"), rules_r, err);
}

bool ctl_reply_classify(struct ctl *ctl, struct error *err)
{
	const struct reply_rule *rule;
	struct reply_rules *rules;
	enum reply_class class;
	struct json *object;

	if (!load(ctl, &rules, err))
		return false;
	rule = reply_rules_find(rules, ctl_argument(ctl, 0));
	class = rule ? rule->class : REPLY_OTHER;
	object = json_new_object();
	json_put_text(object, "class", reply_class_name(class));
	json_put_text(object, "meaning", reply_class_help(class));
	json_put_bool(object, "blames_address", reply_class_blames_address(class));
	json_put_text(object, "source", rule ? rule->source : NULL);
	json_put_number(object, "line", rule ? rule->line : 0);
	json_put_text(object, "code", rule ? rule->code : NULL);
	json_put_text(object, "pattern", rule ? rule->pattern : NULL);
	output_object(ctl, "class meaning blames_address source line code pattern", object);
	reply_rules_free(rules);
	return true;
}

bool ctl_reply_list(struct ctl *ctl, struct error *err)
{
	struct json *rows = json_new_array();
	const struct reply_rule *rule;
	struct reply_rules *rules;

	if (!load(ctl, &rules, err)) {
		json_drop(rows);
		return false;
	}
	for (size_t i = 0; (rule = reply_rules_at(rules, i)) != NULL; i++) {
		struct json *row = json_new_object();

		json_put_text(row, "source", rule->source);
		json_put_number(row, "line", rule->line);
		json_put_text(row, "class", reply_class_name(rule->class));
		json_put_text(row, "code", rule->code);
		json_put_text(row, "pattern", rule->pattern);
		json_append(rows, row);
	}
	output_list(ctl, "source line class code pattern", rows);
	reply_rules_free(rules);
	return true;
}

bool ctl_reply_classes(struct ctl *ctl, struct error *err)
{
	struct json *rows = json_new_array();

	(void)err;
	for (int i = 0; i < REPLY_CLASS_COUNT; i++) {
		struct json *row = json_new_object();

		json_put_text(row, "class", reply_class_name((enum reply_class)i));
		json_put_bool(row, "blames_address",
			      reply_class_blames_address((enum reply_class)i));
		json_put_text(row, "meaning", reply_class_help((enum reply_class)i));
		json_append(rows, row);
	}
	output_list(ctl, "class blames_address meaning", rows);
	return true;
}
