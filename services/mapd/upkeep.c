/* SPDX-License-Identifier: BSD-2-Clause */
/* The database's upkeep: pending relay hosts, in batches short enough not to hold up other writers. */
#include "services/mapd/upkeep.h"
#include "common/log.h"
#include "common/store.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BATCH    200
#define IDLE_MS  1000
#define YIELD_MS 20 /* between two batches: another writer's chance */

struct upkeep {
	const char *path;
	int busy_ms;
	struct db *db; /* NULL: not open */
	struct stat opened;
	pthread_mutex_t lock; /* of figures */
	struct upkeep_figures figures;
};

struct upkeep *upkeep_new(const char *database_path, int busy_ms)
{
	struct upkeep *upkeep = calloc(1, sizeof(*upkeep));

	if (upkeep == NULL)
		abort();
	upkeep->path = database_path;
	upkeep->busy_ms = busy_ms;
	pthread_mutex_init(&upkeep->lock, NULL);
	return upkeep;
}

void upkeep_free(struct upkeep *upkeep)
{
	if (upkeep == NULL)
		return;
	store_close(upkeep->db);
	pthread_mutex_destroy(&upkeep->lock);
	free(upkeep);
}

/* Opens the database, anew when the file at its path is another one than before. */
static bool open_current(struct upkeep *upkeep, struct error *err)
{
	struct stat now = {0};
	bool there = stat(upkeep->path, &now) == 0;

	if (upkeep->db != NULL && there && now.st_ino == upkeep->opened.st_ino &&
	    now.st_dev == upkeep->opened.st_dev)
		return true;
	store_close(upkeep->db);
	upkeep->db = NULL;
	upkeep->opened = now;
	return store_open(upkeep->path, STORE_WRITE, upkeep->busy_ms, &upkeep->db, err);
}

static bool index_batch(struct upkeep *upkeep, size_t *done_r, struct error *err)
{
	*done_r = 0;
	if (!open_current(upkeep, err))
		return false;
	if (store_index_relay_hosts(upkeep->db, BATCH, done_r, err))
		return true;
	store_close(upkeep->db);
	upkeep->db = NULL;
	return false;
}

/* Logs when the upkeep begins to fail and when it works again. */
static void log_change(const struct upkeep_figures *before, bool done, const struct error *err)
{
	if (!done && before->error[0] == '\0')
		log_warning(
		    "upkeep: %s; new relay hosts count all the same, but look-ups are slower",
		    err->text);
	if (done && before->error[0] != '\0')
		log_info("upkeep: works again");
}

int upkeep_turn(struct upkeep *upkeep)
{
	struct error err = {""};
	size_t count;
	bool done = index_batch(upkeep, &count, &err);
	bool more = done && count == BATCH;

	log_change(&upkeep->figures, done, &err);
	pthread_mutex_lock(&upkeep->lock);
	upkeep->figures.indexed += count;
	upkeep->figures.behind = more || !done;
	snprintf(upkeep->figures.error, sizeof(upkeep->figures.error), "%s", done ? "" : err.text);
	pthread_mutex_unlock(&upkeep->lock);
	return more ? YIELD_MS : IDLE_MS;
}

void upkeep_figures(struct upkeep *upkeep, struct upkeep_figures *figures_r)
{
	pthread_mutex_lock(&upkeep->lock);
	*figures_r = upkeep->figures;
	pthread_mutex_unlock(&upkeep->lock);
}
