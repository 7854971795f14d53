/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows systemd's journal. */
#include "services/tracker/log_journald.h"
#include "common/journal_position.h"
#include "common/log.h"
#include "common/text_rule.h"
#include "common/utf8.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

#define MAIL_FACILITY "SYSLOG_FACILITY=2"

struct log_journald {
	sd_journal *journal;
	bool is_unread; /* the current entry has not been given */
	bool at_end;    /* there was no next entry */
	char cursor[JOURNAL_CURSOR_SIZE];
};

static bool fail(int code, const char *what, struct error *err)
{
	return error_set(err, "journald: %s: %s", what, strerror(-code));
}

/* Where a cursor's entry is still there it has been read, and reading goes on after it. */
static bool seek(struct log_journald *journald, const char *cursor, struct error *err)
{
	int code;

	if (cursor[0] == '\0') {
		code = sd_journal_seek_head(journald->journal);
		return code >= 0 || fail(code, "cannot go to the first entry", err);
	}
	code = sd_journal_seek_cursor(journald->journal, cursor);
	if (code < 0)
		return fail(code, "cannot go to where reading ended", err);
	code = sd_journal_next(journald->journal);
	if (code > 0 && sd_journal_test_cursor(journald->journal, cursor) > 0)
		return true;
	log_warning("journald: the entry where reading ended is gone; lines may have been lost");
	journald->is_unread = code > 0;
	return code >= 0 || fail(code, "cannot go to where reading ended", err);
}

static int open_journal(const char *directory, sd_journal **journal_r)
{
	int code = directory[0] != '\0' ? sd_journal_open_directory(journal_r, directory, 0)
					: sd_journal_open(journal_r, SD_JOURNAL_LOCAL_ONLY);

	if (code >= 0)
		code = sd_journal_add_match(*journal_r, MAIL_FACILITY, 0);
	/* Without the descriptor sd_journal_process sees no files that are added later. */
	return code >= 0 ? sd_journal_get_fd(*journal_r) : code;
}

bool log_journald_new(const char *directory, const char *cursor, struct log_journald **journald_r,
		      struct error *err)
{
	struct log_journald *journald = calloc(1, sizeof(*journald));
	int code;

	if (journald == NULL)
		abort();
	code = open_journal(directory, &journald->journal);
	if (code < 0)
		fail(code, "cannot be opened", err);
	if (code < 0 || !seek(journald, cursor, err)) {
		log_journald_free(journald);
		return false;
	}
	text_rule_copy(journald->cursor, sizeof(journald->cursor), cursor);
	*journald_r = journald;
	return true;
}

void log_journald_free(struct log_journald *journald)
{
	if (journald == NULL)
		return;
	sd_journal_close(journald->journal);
	free(journald);
}

/* A field's value, copied and made printable; "" when the entry has none. Octets with the NUL. */
static size_t copy_field(struct log_journald *journald, const char *name, char *value_r,
			 size_t size)
{
	size_t skip = strlen(name) + 1, length = 0;
	const void *data;

	if (sd_journal_get_data(journald->journal, name, &data, &length) >= 0 && length >= skip) {
		length = length - skip < size ? length - skip : size - 1;
		memcpy(value_r, (const char *)data + skip, length);
	} else {
		length = 0;
	}
	value_r[length] = '\0';
	for (size_t i = 0; i < length; i++)
		value_r[i] = value_r[i] == '\0' ? '?' : value_r[i];
	utf8_make_printable(value_r);
	return length + 1;
}

enum found log_journald_next(struct log_journald *journald, char *text_r, size_t size,
			     struct log_line *line_r, struct error *err)
{
	uint64_t microseconds = 0;
	char *cursor = NULL;
	size_t used;
	int code;

	code = journald->is_unread ? 1 : sd_journal_next(journald->journal);
	journald->is_unread = false;
	journald->at_end = code == 0;
	if (code == 0)
		return FOUND_NONE;
	if (code < 0 || (code = sd_journal_get_cursor(journald->journal, &cursor)) < 0) {
		fail(code, "cannot be read", err);
		return FOUND_ERROR;
	}
	text_rule_copy(journald->cursor, sizeof(journald->cursor), cursor);
	free(cursor);
	(void)sd_journal_get_realtime_usec(journald->journal, &microseconds);
	used = copy_field(journald, "SYSLOG_IDENTIFIER", text_r, size / 4);
	(void)copy_field(journald, "MESSAGE", text_r + used, size - used);
	*line_r = (struct log_line){(int64_t)(microseconds / 1000000), text_r, text_r + used};
	return FOUND_ONE;
}

bool log_journald_is_idle(struct log_journald *journald)
{
	/* Also takes in files that were added or removed. */
	return sd_journal_process(journald->journal) == SD_JOURNAL_NOP && journald->at_end;
}

const char *log_journald_cursor(const struct log_journald *journald)
{
	return journald->cursor;
}
