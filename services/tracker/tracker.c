/* SPDX-License-Identifier: BSD-2-Clause */
/* Batches of lines, and the upkeep of the journal. */
#include "services/tracker/tracker.h"
#include "common/clock.h"
#include "common/journal_position.h"
#include "common/log.h"
#include "common/text_rule.h"
#include "services/tracker/log_source.h"
#include "services/tracker/rules.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH_LINES    1000
#define YIELD_MS       10 /* between two batches: another writer's chance */
#define IDLE_MS        200
#define TROUBLE_MS     1000
#define SPOOL_EVERY_MS 1000
#define PURGE_EVERY_MS 60000
#define PURGE_ROWS     1000
#define SECONDS_OF_DAY 86400
#define NEVER          (INT64_MIN / 2)

struct tracker {
	char journal_path[JOURNAL_PATH_SIZE];
	int busy_ms;
	int64_t keep_seconds;
	struct journal *journal; /* NULL: not open */
	struct log_source *source;
	bool placed;                /* the source is at a place of the journal's */
	struct journal_position at; /* the journal's, as it was last looked at or written */
	struct error log_trouble;   /* of this turn; "": none */
	struct rules *rules;
	int64_t spool_ms, purge_ms; /* when they were last done */
	struct tracker_figures now; /* the turn's own */
	pthread_mutex_t lock;       /* of told */
	struct tracker_figures told;
};

/* The file if it is to be, or is there; else "", for journald. */
static const char *choose_file(const struct config *config)
{
	static const char *const choices[] = {"auto", "file", "journald"};
	const char *choice = choices[config_number(config, "tracker.source")];
	const char *path = config_text(config, "tracker.log_file");

	if (strcmp(choice, "journald") == 0)
		return "";
	return strcmp(choice, "file") == 0 || access(path, F_OK) == 0 ? path : "";
}

bool tracker_new(const struct config *config, struct tracker **tracker_r, struct error *err)
{
	struct tracker *tracker = calloc(1, sizeof(*tracker));
	const char *path = choose_file(config);

	if (tracker == NULL)
		abort();
	pthread_mutex_init(&tracker->lock, NULL);
	text_rule_copy(tracker->journal_path, sizeof(tracker->journal_path),
		       config_text(config, "journal"));
	tracker->busy_ms = (int)config_number(config, "database.busy_timeout");
	tracker->keep_seconds = config_number(config, "journal.keep_days") * SECONDS_OF_DAY;
	tracker->source = log_source_new(path, config_text(config, "tracker.journald_directory"));
	tracker->spool_ms = tracker->purge_ms = NEVER;
	text_rule_copy(tracker->now.source, sizeof(tracker->now.source),
		       path[0] != '\0' ? path : "journald");
	if (!rules_new(config_text(config, "tracker.replies"), &tracker->rules, err)) {
		tracker_free(tracker);
		return false;
	}
	*tracker_r = tracker;
	return true;
}

void tracker_free(struct tracker *tracker)
{
	if (tracker == NULL)
		return;
	rules_free(tracker->rules);
	log_source_free(tracker->source);
	journal_close(tracker->journal);
	pthread_mutex_destroy(&tracker->lock);
	free(tracker);
}

/* A file that was truncated has the same inode and may have been read as far: only its head is another. */
static bool is_same_place(const struct journal_position *a, const struct journal_position *b)
{
	return a->device == b->device && a->inode == b->inode && a->offset == b->offset &&
	       a->head_size == b->head_size && a->head == b->head &&
	       strcmp(a->path, b->path) == 0 && strcmp(a->cursor, b->cursor) == 0;
}

/* Puts the source where the journal says that reading ended. */
static bool take_place(struct tracker *tracker, struct error *err)
{
	const char *name = log_source_name(tracker->source);
	struct journal_position ours;
	enum found found;

	tracker->at = (struct journal_position){.path = ""};
	found = journal_position_get(tracker->journal, name, &tracker->at, err);
	if (found == FOUND_ERROR)
		return false;
	log_source_position(tracker->source, &ours);
	if (tracker->placed && is_same_place(&tracker->at, &ours))
		return true;
	tracker->placed = log_source_seek(tracker->source, found == FOUND_ONE ? &tracker->at : NULL,
					  &tracker->log_trouble);
	return true;
}

static bool keep_place(struct tracker *tracker, struct error *err)
{
	struct journal_position position;

	log_source_position(tracker->source, &position);
	if (is_same_place(&position, &tracker->at))
		return true;
	position.at = time(NULL);
	return journal_position_put(tracker->journal, log_source_name(tracker->source), &position,
				    err);
}

/* Lines up to a batch's; *count_r of them. That the log cannot be read ends the batch as its end does. */
static bool enter_lines(struct tracker *tracker, struct enter_counts *counts, size_t *count_r,
			struct error *err)
{
	const struct reply_rules *rules = rules_current(tracker->rules);
	struct log_line line;

	for (*count_r = 0; *count_r < BATCH_LINES; ++*count_r) {
		if (log_source_next(tracker->source, &line, &tracker->log_trouble) != FOUND_ONE)
			break;
		tracker->now.last_at = line.at;
		if (!enter_line(tracker->journal, rules, &line, counts, err))
			return false;
	}
	return true;
}

static bool fill_journal(struct tracker *tracker, size_t *count_r, struct error *err)
{
	struct enter_counts counts = tracker->now.counts;

	if (!take_place(tracker, err) ||
	    (tracker->placed &&
	     (!enter_lines(tracker, &counts, count_r, err) || !keep_place(tracker, err))) ||
	    !journal_commit(tracker->journal, err))
		return false;
	tracker->now.counts = counts;
	return true;
}

static bool open_journal(struct tracker *tracker, struct error *err)
{
	return tracker->journal != NULL || journal_open(tracker->journal_path, JOURNAL_WRITE,
							tracker->busy_ms, &tracker->journal, err);
}

/* One transaction. What it read and could not commit is read again. */
static bool batch(struct tracker *tracker, size_t *count_r, struct error *err)
{
	*count_r = 0;
	if (!open_journal(tracker, err))
		return false;
	if (tracker->placed && log_source_is_idle(tracker->source))
		return true;
	if (!journal_begin(tracker->journal, err))
		return false;
	if (fill_journal(tracker, count_r, err))
		return true;
	journal_rollback(tracker->journal);
	tracker->placed = false;
	*count_r = 0;
	return false;
}

static bool is_due(int64_t *last_ms, int64_t every_ms)
{
	int64_t now = clock_ms();

	if (now - *last_ms < every_ms)
		return false;
	*last_ms = now;
	return true;
}

/* The spool, and rows that are too old. */
static bool upkeep(struct tracker *tracker, struct error *err)
{
	size_t done = 0;

	if (is_due(&tracker->spool_ms, SPOOL_EVERY_MS)) {
		if (!journal_take_spool(tracker->journal, &done, err))
			return false;
		tracker->now.spooled += done;
	}
	if (!is_due(&tracker->purge_ms, PURGE_EVERY_MS))
		return true;
	if (!journal_purge(tracker->journal, time(NULL) - tracker->keep_seconds, PURGE_ROWS, &done,
			   err))
		return false;
	if (done > 0)
		tracker->purge_ms = NEVER; /* more may be due at once */
	return true;
}

/* Says when something begins to fail, and when it works again. */
static void note_trouble(char known[512], const char *what, const char *text, const char *outcome)
{
	if (text[0] != '\0' && known[0] == '\0')
		log_alarm("%s: %s; %s", what, text, outcome);
	if (text[0] == '\0' && known[0] != '\0')
		log_info("%s: works again", what);
	text_rule_copy(known, 512, text);
}

static void tell(struct tracker *tracker)
{
	tracker->now.lag_bytes = log_source_lag(tracker->source);
	text_rule_copy(tracker->now.rules_error, sizeof(tracker->now.rules_error),
		       rules_error(tracker->rules));
	pthread_mutex_lock(&tracker->lock);
	tracker->told = tracker->now;
	pthread_mutex_unlock(&tracker->lock);
}

int tracker_turn_ms(struct tracker *tracker)
{
	struct error err = {""};
	size_t count;
	bool done;

	tracker->log_trouble.text[0] = '\0';
	rules_refresh(tracker->rules);
	done = batch(tracker, &count, &err) && upkeep(tracker, &err);
	note_trouble(tracker->now.journal_error, "journal", done ? "" : err.text,
		     "mail flows, and the log is read on when the journal can be written");
	note_trouble(tracker->now.log_error, "log", tracker->log_trouble.text,
		     "what receivers say is not known until it can be read");
	tell(tracker);
	if (!done || tracker->log_trouble.text[0] != '\0')
		return TROUBLE_MS;
	return count == BATCH_LINES ? YIELD_MS : IDLE_MS;
}

void tracker_figures(struct tracker *tracker, struct tracker_figures *figures_r)
{
	pthread_mutex_lock(&tracker->lock);
	*figures_r = tracker->told;
	pthread_mutex_unlock(&tracker->lock);
}
