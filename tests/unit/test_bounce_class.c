/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples of mail that comes back, each with whom it is about and what it means; expected.tsv is the table. */
#include "common/bounce_class.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

static struct bounce_report report;
static struct bounce_rules *rules;

static void read_sample(const char *name)
{
	static char octets[65536];
	char path[512];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.eml", SAMPLES, name);
	file = fopen(path, "re");
	ck_assert_msg(file != NULL, "%s is missing", path);
	length = fread(octets, 1, sizeof(octets), file);
	fclose(file);
	bounce_read(octets, length, &report);
}

static void append(char *text, size_t size, const char *word)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "", word);
}

/* As a line of the table has them. */
static void describe(char classes_r[256], char addresses_r[512])
{
	classes_r[0] = addresses_r[0] = '\0';
	for (size_t i = 0; i < report.count; i++) {
		append(classes_r, 256, bounce_class_name(bounce_classify(rules, &report, i).class));
		append(addresses_r, 512, report.recipients[i].address);
	}
	if (report.count > 0)
		return;
	append(classes_r, 256,
	       report.kind == BOUNCE_COMPLAINT
		   ? "complaint"
		   : bounce_class_name(bounce_classify_message(rules, &report).class));
	append(addresses_r, 512, "-");
}

/* False at the end of the table. */
static bool next_line(FILE *table, char *fields[3])
{
	static char line[1024];

	do {
		if (fgets(line, sizeof(line), table) == NULL)
			return false;
	} while (line[0] == '#');
	line[strcspn(line, "\n")] = '\0';
	fields[0] = strtok(line, "\t");
	fields[1] = strtok(NULL, "\t");
	fields[2] = strtok(NULL, "\t");
	ck_assert_ptr_nonnull(fields[2]);
	return true;
}

START_TEST(each_sample_means_what_the_table_says)
{
	char classes[256], addresses[512], *fields[3];
	FILE *table = fopen(SAMPLES "/expected.tsv", "re");
	size_t samples = 0, wrong = 0;
	struct error err;

	ck_assert_msg(bounce_rules_load("/nowhere/replies", &rules, &err), "%s", err.text);
	ck_assert_ptr_nonnull(table);
	for (; next_line(table, fields); samples++) {
		read_sample(fields[0]);
		describe(classes, addresses);
		if (strcmp(classes, fields[1]) == 0 && strcmp(addresses, fields[2]) == 0)
			continue;
		wrong++;
		fprintf(stderr, "%s: %s of %s, expected %s of %s\n", fields[0], classes, addresses,
			fields[1], fields[2]);
	}
	fclose(table);
	bounce_rules_free(rules);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_ge(samples, 60);
}
END_TEST

UNIT_MAIN("bounce_class", each_sample_means_what_the_table_says)
