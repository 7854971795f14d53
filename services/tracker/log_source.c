/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines from either kind of log. */
#include "services/tracker/log_source.h"
#include "common/text_rule.h"
#include "services/tracker/log_file.h"
#include "services/tracker/log_journald.h"
#include <stdlib.h>
#include <string.h>

struct log_source {
	char path[JOURNAL_PATH_SIZE]; /* "" for journald */
	char directory[JOURNAL_PATH_SIZE];
	struct log_file *file; /* NULL: not open, or journald */
	struct log_journald *journald;
	char text[LOG_LINE_SIZE];
};

struct log_source *log_source_new(const char *path, const char *directory)
{
	struct log_source *source = calloc(1, sizeof(*source));

	if (source == NULL)
		abort();
	text_rule_copy(source->path, sizeof(source->path), path);
	text_rule_copy(source->directory, sizeof(source->directory), directory);
	return source;
}

void log_source_free(struct log_source *source)
{
	if (source == NULL)
		return;
	log_file_free(source->file);
	log_journald_free(source->journald);
	free(source);
}

const char *log_source_name(const struct log_source *source)
{
	return source->path[0] != '\0' ? "file" : "journald";
}

bool log_source_seek(struct log_source *source, const struct journal_position *position,
		     struct error *err)
{
	if (source->path[0] != '\0') {
		log_file_free(source->file);
		source->file = log_file_new(source->path, position);
		return true;
	}
	log_journald_free(source->journald);
	source->journald = NULL;
	return log_journald_new(source->directory, position != NULL ? position->cursor : "",
				&source->journald, err);
}

static enum found next_of_file(struct log_source *source, struct log_line *line_r,
			       struct error *err)
{
	time_t now = time(NULL);
	enum found found;

	do
		found = log_file_next(source->file, source->text, sizeof(source->text), err);
	while (found == FOUND_ONE && !log_line_parse(source->text, now, line_r));
	return found;
}

enum found log_source_next(struct log_source *source, struct log_line *line_r, struct error *err)
{
	if (source->file != NULL)
		return next_of_file(source, line_r, err);
	if (source->journald != NULL)
		return log_journald_next(source->journald, source->text, sizeof(source->text),
					 line_r, err);
	error_set(err, "the log is not open");
	return FOUND_ERROR;
}

void log_source_position(const struct log_source *source, struct journal_position *position_r)
{
	*position_r = (struct journal_position){0};
	if (source->file != NULL)
		log_file_position(source->file, position_r);
	if (source->journald != NULL)
		text_rule_copy(position_r->cursor, sizeof(position_r->cursor),
			       log_journald_cursor(source->journald));
}

bool log_source_is_idle(struct log_source *source)
{
	if (source->file != NULL)
		return log_file_is_idle(source->file);
	return source->journald != NULL && log_journald_is_idle(source->journald);
}

int64_t log_source_lag(const struct log_source *source)
{
	return source->file != NULL ? (int64_t)log_file_lag(source->file) : -1;
}
