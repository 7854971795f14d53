/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a worker. It logs nothing: in the jail there is no way to the log. */
#include "services/scanner/worker.h"
#include "common/clock.h"
#include "common/spool.h"
#include "services/scanner/scan_message.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

struct worker {
	const struct worker_settings *settings;
	struct scan_tools tools;
	struct file_types *types;
	int socket;
	uint32_t features;
	char temp[JAIL_TEMP_SIZE];
};

static bool tell(const struct worker *worker, enum worker_stage stage, const char *error, int fd)
{
	struct worker_note note = {.stage = stage, .pid = getpid(), .features = worker->features};

	snprintf(note.error, sizeof(note.error), "%s", error);
	return scan_send(worker->socket, &note, sizeof(note), fd);
}

/* The descriptor that the scanner ends this worker by, whatever becomes of it. */
static bool announce(const struct worker *worker)
{
	int pidfd = pidfd_open(getpid(), 0);
	bool told = pidfd >= 0 && tell(worker, WORKER_BORN, "", pidfd);

	if (pidfd >= 0)
		close(pidfd);
	return told;
}

/* The cache, whose first hash makes OpenSSL read its configuration while there is a file system. */
static struct verdict_cache *prepare_cache(void)
{
	struct verdict_key key;

	verdict_key_of("", 0, &key);
	return verdict_cache_new();
}

static bool prepare(struct worker *worker, struct engine *engine, struct error *err)
{
	const struct worker_settings *settings = worker->settings;

	worker->tools = (struct scan_tools){
	    .engine = engine,
	    .cache = prepare_cache(),
	    .temp_directory = worker->temp,
	    .temp_bytes_needed = settings->temp_bytes_needed,
	    .limits = settings->limits,
	};
	if (worker->tools.cache == NULL)
		return error_set(err, "worker: out of memory");
	return jail_enter(&settings->jail, worker->socket, worker->temp, &worker->features, err) &&
	       engine_use_temp(engine, worker->temp, err);
}

/* The facts' spool, the caller's; NULL: there are none, and the answer says why. */
static struct spool *take_facts(struct facts_maker *maker, struct scan_answer *answer)
{
	struct spool *spool;
	struct error err;

	if (!facts_maker_take(maker, &spool, &err)) {
		scan_answer_no_facts(answer, err.text);
		return NULL;
	}
	answer->facts = SCAN_FACTS_GIVEN;
	return spool;
}

/* With its facts, which are to be done a while before the scan has to be. */
static struct spool *scan_with_facts(const struct worker *worker,
				     const struct scan_request *request, const char *data,
				     size_t size, struct scan_answer *answer_r)
{
	int64_t deadline_ms = clock_ms() + request->timeout_ms / 4 * 3;
	struct facts_maker *maker = facts_maker_new(worker->types, data, size, deadline_ms);
	struct spool *facts = NULL;

	scan_message(&worker->tools, request, data, size, maker, answer_r);
	if (maker != NULL)
		facts = take_facts(maker, answer_r);
	else
		scan_answer_no_facts(answer_r, "out of memory");
	facts_maker_free(maker);
	return facts;
}

/* *facts_r: the message's facts, the caller's, or NULL. */
static void scan_fd(const struct worker *worker, const struct scan_request *request, int fd,
		    struct scan_answer *answer_r, struct spool **facts_r)
{
	struct error err;
	size_t size;
	struct spool_view view;

	*facts_r = NULL;
	if (!spool_check(fd, worker->settings->max_message_bytes, &size, &err)) {
		scan_answer_unknown(answer_r, "%.180s", err.text);
		return;
	}
	if (size == 0) {
		scan_answer_unknown(answer_r, "the message is empty");
		return;
	}
	if (!spool_view_open(fd, size, &view, &err)) {
		scan_answer_unknown(answer_r, "%.180s", err.text);
		return;
	}
	if (request->flags & SCAN_REQUEST_FACTS)
		*facts_r = scan_with_facts(worker, request, view.data, size, answer_r);
	else
		scan_message(&worker->tools, request, view.data, size, NULL, answer_r);
	spool_view_close(&view);
}

static void serve(const struct worker *worker)
{
	struct scan_request request;
	struct scan_answer answer;
	struct spool *facts;
	bool sent;
	int fd;

	while (scan_receive(worker->socket, &request, sizeof(request), &fd) == SCAN_RECEIVED) {
		jail_grant_cpu(request.timeout_ms / 1000 + 1);
		scan_fd(worker, &request, fd, &answer, &facts);
		close(fd);
		sent = scan_send(worker->socket, &answer, sizeof(answer),
				 facts != NULL ? spool_fd(facts) : -1);
		spool_free(facts);
		if (!sent)
			return;
	}
}

/* A service manager's SIGTERM goes to all processes; the end is the closed socket, or SIGKILL. */
static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void worker_run(struct engine *engine, struct file_types *types,
		const struct worker_settings *settings, int socket)
{
	struct worker worker = {.settings = settings, .types = types, .socket = socket};
	struct error err;

	reset_signals();
	if (!announce(&worker))
		_exit(1);
	if (!prepare(&worker, engine, &err)) {
		(void)tell(&worker, WORKER_FAILED, err.text, -1);
		_exit(1);
	}
	if (tell(&worker, WORKER_READY, "", -1))
		serve(&worker);
	_exit(0);
}
