/* SPDX-License-Identifier: BSD-2-Clause */
/* From what a message meets to what becomes of it. */
#include "common/content_decide.h"
#include "common/content_defaults.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

static const struct facts_header headers[] = {{"Subject", "one two"}};
static const char *const names[] = {"setup.exe"};
static const struct facts_part parts[] = {
    {.number = 1,
     .kind = FACTS_LEAF,
     .attachment = true,
     .type = "application/octet-stream",
     .detected = "",
     .text = "",
     .names = names,
     .name_count = 1},
};

/* Rules as "condition | action", separated by line ends. */
static struct content_rules *make_rules(const char *text, int64_t number)
{
	struct content_rule_text texts[8];
	char copy[1024], *save = NULL;
	size_t count = 0;

	if (text == NULL)
		return NULL;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *line = strtok_r(copy, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *action = strstr(line, " | ");

		*action = '\0';
		texts[count] =
		    (struct content_rule_text){number + (int64_t)count, line, action + 3};
		count++;
	}
	return content_rules_new(texts, count);
}

static void choose(struct setting_value settings[SETTING_COUNT], const char *choice)
{
	struct error err;
	char name[64];
	enum setting_id id;

	for (int i = 0; i < SETTING_COUNT; i++)
		ck_assert(setting_parse((enum setting_id)i, setting_definitions[i].fallback,
					&settings[i], &err));
	if (choice[0] == '\0')
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(choice, "="), choice);
	ck_assert_int_eq(setting_by_name(name, &id), FOUND_ONE);
	ck_assert(setting_parse(id, strchr(choice, '=') + 1, &settings[id], &err));
}

static const struct {
	const char *provider, *tenant, *setting;
	bool program;
	uint64_t malformed;
	enum message_action action;
	const char *status, *text;
	size_t effects;
} rows[] = {
    {NULL, NULL, "", false, 0, ACTION_ACCEPT, "", "", 0},
    {"any | reject", NULL, "", false, 0, ACTION_REJECT, "5.7.1", "Refused by rule 1: the message",
     0},
    {"any | reject \"No\"", NULL, "", false, 0, ACTION_REJECT, "5.7.1", "No (rule 1)", 0},
    {"any | tempfail", NULL, "", false, 0, ACTION_TEMPFAIL, "4.7.1", "rule 1", 0},
    {"any | discard", NULL, "", false, 0, ACTION_DISCARD, "5.7.1", "Dropped by rule 1", 0},
    {"any | quarantine", NULL, "", false, 0, ACTION_QUARANTINE, "5.7.1", "Held by rule 1", 0},
    /* The first that decides, in order; held mail may still be refused. */
    {"any | discard\nany | reject", NULL, "", false, 0, ACTION_DISCARD, "5.7.1", "rule 1", 0},
    {"any | quarantine\nany | reject", NULL, "", false, 0, ACTION_REJECT, "5.7.1", "rule 2", 0},
    {"any | quarantine\nany | quarantine", NULL, "", false, 0, ACTION_QUARANTINE, "5.7.1", "rule 1",
     0},
    {"any | quarantine", "any | reject", "", false, 0, ACTION_REJECT, "5.7.1", "rule 51", 0},
    /* Accept ends its own owner's rules, the built-in ones being the provider's. */
    {"any | accept\nany | reject", NULL, "", false, 0, ACTION_ACCEPT, "", "", 0},
    {"any | accept", "any | reject", "", false, 0, ACTION_REJECT, "5.7.1", "rule 51", 0},
    {"any | accept", NULL, "", true, 0, ACTION_ACCEPT, "", "", 0},
    {NULL, "any | accept\nany | reject", "", false, 0, ACTION_ACCEPT, "", "", 0},
    {NULL, "any | accept", "", true, 0, ACTION_REJECT, "5.7.1", "Programs", 0},
    /* Effects are gathered until something decides. */
    {"any | tag-subject a\nany | copy a@b.example", "any | disclaimer x", "", false, 0,
     ACTION_ACCEPT, "", "", 3},
    {"any | tag-subject a\nany | quarantine", "any | copy a@b.example", "", false, 0,
     ACTION_QUARANTINE, "5.7.1", "rule 2", 2},
    {"subject is x | reject", "subject is \"one two\" | copy a@b.example", "", false, 0,
     ACTION_ACCEPT, "", "", 1},
    /* The built-in rules do what their settings say. */
    {NULL, NULL, "", true, 0, ACTION_REJECT, "5.7.1",
     "Programs may not be sent: attachment setup.exe (part 1)", 0},
    {NULL, NULL, "content.on_executable=accept", true, 0, ACTION_ACCEPT, "", "", 0},
    {NULL, NULL, "content.on_executable=tag", true, 0, ACTION_ACCEPT, "", "", 0},
    {NULL, NULL, "content.on_executable=tempfail", true, 0, ACTION_TEMPFAIL, "4.7.1", "Programs",
     0},
    {NULL, NULL, "content.on_executable=quarantine", true, 0, ACTION_QUARANTINE, "5.7.1", "Prog",
     0},
    {NULL, NULL, "content.on_executable=discard", true, 0, ACTION_DISCARD, "5.7.1", "Programs", 0},
    {NULL, NULL, "", false, MALFORMED_DOUBLED_TYPE, ACTION_REJECT, "5.6.0", "doubled_type", 0},
    {NULL, NULL, "content.on_malformed=accept", false, MALFORMED_DOUBLED_TYPE, ACTION_ACCEPT, "",
     "", 0},
    {NULL, NULL, "", false, MALFORMED_TOO_MANY_PARTS, ACTION_QUARANTINE, "5.6.0", "too_many_parts",
     0},
    {NULL, NULL, "", false, MALFORMED_CHARSET, ACTION_ACCEPT, "", "", 0},
    {NULL, NULL, "content.on_untidy=reject", false, MALFORMED_CHARSET, ACTION_REJECT, "5.6.0",
     "charset", 0},
    {NULL, NULL, "content.max_size=99", false, 0, ACTION_REJECT, "5.3.4", "size 100, at most 99",
     0},
    {NULL, NULL, "content.max_size=100", false, 0, ACTION_ACCEPT, "", "", 0},
    {NULL, NULL, "content.max_size=0", false, 0, ACTION_ACCEPT, "", "", 0},
    {NULL, NULL, "content.max_recipients=1", false, 0, ACTION_REJECT, "5.5.3", "recipients 2", 0},
    /* What is broken stops the mail and is named. */
    {"any | drop", NULL, "", false, 0, ACTION_TEMPFAIL, "4.3.5", "rule 1: action: column 1", 0},
    {"any | reject", "any | drop", "", false, 0, ACTION_TEMPFAIL, "4.3.5", "rule 51: action", 0},
};

START_TEST(decides_by_rules_and_settings)
{
	static const char *const recipients[] = {"a@b.example", "c@d.example"};
	struct content_rules *defaults = content_defaults_new();

	ck_assert_str_eq(defaults->fault.text, "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct message_facts facts = {.parts = parts,
					      .part_count = rows[i].program,
					      .headers = headers,
					      .header_count = 1,
					      .malformed = rows[i].malformed};
		struct content_rules *provider = make_rules(rows[i].provider, 1);
		struct content_rules *tenant = make_rules(rows[i].tenant, 51);
		struct setting_value settings[SETTING_COUNT];
		struct content_ruling ruling;

		choose(settings, rows[i].setting);
		content_decide(&(struct content_case){provider,
						      defaults,
						      tenant,
						      settings,
						      {&facts, "s@t.example", recipients, 2, 100}},
			       &ruling);
		ck_assert_msg(ruling.action == rows[i].action, "row %zu: %d: %s", i, ruling.action,
			      ruling.text);
		ck_assert_msg(strcmp(ruling.status, rows[i].status) == 0, "row %zu: %s", i,
			      ruling.status);
		ck_assert_msg(strstr(ruling.text, rows[i].text) != NULL, "row %zu: %s", i,
			      ruling.text);
		if (ruling.action == ACTION_ACCEPT || ruling.action == ACTION_QUARANTINE)
			ck_assert_msg(ruling.effect_count == rows[i].effects, "row %zu: %zu", i,
				      ruling.effect_count);
		content_ruling_free(&ruling);
		content_rules_release(provider);
		content_rules_release(tenant);
	}
	content_rules_release(defaults);
}
END_TEST

START_TEST(a_tag_says_what_was_found)
{
	struct message_facts facts = {.parts = parts, .part_count = 1};
	struct content_rules *defaults = content_defaults_new();
	struct setting_value settings[SETTING_COUNT];
	struct content_ruling ruling;

	choose(settings, "content.on_executable=tag");
	content_decide(&(struct content_case){.defaults = defaults,
					      .settings = settings,
					      .input = {&facts, "", NULL, 0, 1}},
		       &ruling);
	ck_assert_str_eq(ruling.tag, "Programs may not be sent: attachment setup.exe (part 1)");
	content_ruling_free(&ruling);
	content_rules_release(defaults);
}
END_TEST

/* Rules by "*.NAME", the built-in one that names like it are to meet; "" for none. */
static const struct {
	const char *name, *met;
} files[] = {
    {"a.exe", "executable"},
    {"a.PIF", "executable"},
    {"a.js", "executable"},
    {"a.exe .", "executable"},
    {"a.jpg\xe2\x80\x8b.scr", "executable"},
    {"a.pdf", ""},
    {"a.docx", ""},
    {"exe", ""},
    {"report.executive", ""},
    {"a.pdf.html", "double-extension"},
    {"a.jpg      .svg", "double-extension"},
    {"a.html", ""},
    {"a.v2.pdf", ""},
    {"a\xe2\x80\xae"
     "fdp.doc",
     "turned-name"},
    {"a\xe2\x81\xa7.doc", "turned-name"},
    {"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.doc", ""}, /* Hebrew needs no such characters */
};

START_TEST(the_built_in_rules_know_names)
{
	struct content_rules *defaults = content_defaults_new();

	for (size_t i = 0; i < COUNT(files); i++) {
		const char *const own[] = {files[i].name};
		struct facts_part part = parts[0];
		struct message_facts facts = {.parts = &part, .part_count = 1};
		struct content_input input = {&facts, "", NULL, 0, 1};
		struct content_hits hits;
		struct error err;

		part.names = own;
		ck_assert(content_match(defaults, &input, &hits, &err));
		ck_assert_msg((hits.count > 0) == (files[i].met[0] != '\0'), "%s", files[i].name);
		if (hits.count > 0)
			ck_assert_msg(strcmp(content_defaults[-1 - hits.items[0].rule->number].name,
					     files[i].met) == 0,
				      "%s", files[i].name);
		content_hits_free(&hits);
	}
	content_rules_release(defaults);
}
END_TEST

UNIT_MAIN("content_decide", decides_by_rules_and_settings, a_tag_says_what_was_found,
	  the_built_in_rules_know_names)
