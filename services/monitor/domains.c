/* SPDX-License-Identifier: BSD-2-Clause */
/* What is due is gathered, asked for and recorded; between two of them the thread rests. */
#include "services/monitor/domains.h"
#include "common/domain_findings.h"
#include "common/log.h"
#include "common/store.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAUSE_MS 200
#define IDLE_MS  2000

struct domains {
	const struct monitor_settings *settings;
	struct dns *dns;
	struct control *control;
	struct public_suffixes *suffixes;
	int64_t after; /* see domain_findings_next */
	bool failing;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t ended;
	bool ending;
};

/* False: the end has come. */
static bool rest(struct domains *domains, int ms)
{
	struct timespec until;
	bool goes_on;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&domains->lock);
	while (!domains->ending &&
	       pthread_cond_timedwait(&domains->ended, &domains->lock, &until) != ETIMEDOUT)
		;
	goes_on = !domains->ending;
	pthread_mutex_unlock(&domains->lock);
	return goes_on;
}

/* The next check with all that the database knows for it; *check_r NULL: none is due. */
static bool gather(struct domains *domains, struct domain_check **check_r, struct error *err)
{
	const struct monitor_settings *settings = domains->settings;
	char domain[DOMAIN_SIZE];
	struct db *db;
	bool done;

	*check_r = NULL;
	if (!store_open(settings->database, STORE_READ, settings->busy_ms, &db, err))
		return false;
	done = store_begin(db, err);
	if (done) {
		enum found found = domain_findings_next(db, settings->domain_interval_ms / 1000,
							&domains->after, domain, err);

		done = found != FOUND_ERROR &&
		       (found == FOUND_NONE || domain_check_gather(db, domain, check_r, err));
	}
	store_close(db);
	return done;
}

static bool is_good(const struct domain_check *check)
{
	return check->spf == DOMAIN_GOOD && check->dkim == DOMAIN_GOOD &&
	       check->dmarc == DOMAIN_GOOD;
}

static bool record(struct domains *domains, const struct domain_check *check, struct error *err)
{
	const struct monitor_settings *settings = domains->settings;
	bool changed = false, done;
	struct db *db;

	if (!store_open(settings->database, STORE_WRITE, settings->busy_ms, &db, err))
		return false;
	done = store_begin(db, err) && domain_findings_put(db, check, &changed, err) &&
	       store_commit(db, err);
	store_close(db);
	if (done && changed && !is_good(check))
		log_warning("domain %s: spf=%s dkim=%s dmarc=%s", check->domain,
			    domain_health_name(check->spf), domain_health_name(check->dkim),
			    domain_health_name(check->dmarc));
	return done;
}

/* One domain. How long to rest then. */
static int turn(struct domains *domains)
{
	struct domain_check *check;
	struct error err;
	bool done = gather(domains, &check, &err), any = check != NULL;

	if (done && any) {
		domain_check_run(domains->dns, domains->suffixes, check);
		done = record(domains, check, &err);
		control_count_domain(domains->control);
	}
	domain_check_free(check);
	if (!done && !domains->failing)
		log_warning("domains are not checked: %s", err.text);
	domains->failing = !done;
	return done && any ? PAUSE_MS : IDLE_MS;
}

static void *live(void *context)
{
	struct domains *domains = context;
	int pause_ms = PAUSE_MS;

	while (rest(domains, pause_ms))
		pause_ms = turn(domains);
	return NULL;
}

bool domains_new(const struct monitor_settings *settings, struct dns *dns, struct control *control,
		 struct domains **domains_r, struct error *err)
{
	struct domains *domains = calloc(1, sizeof(*domains));
	pthread_condattr_t monotonic;
	int reason;

	if (domains == NULL)
		abort();
	*domains = (struct domains){.settings = settings, .dns = dns, .control = control};
	if (!public_suffixes_new(&domains->suffixes, err)) {
		free(domains);
		return false;
	}
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&domains->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&domains->lock, NULL);
	reason = pthread_create(&domains->thread, NULL, live, domains);
	if (reason == 0) {
		*domains_r = domains;
		return true;
	}
	public_suffixes_free(domains->suffixes);
	free(domains);
	return error_set(err, "thread: %s", strerror(reason));
}

void domains_free(struct domains *domains)
{
	if (domains == NULL)
		return;
	pthread_mutex_lock(&domains->lock);
	domains->ending = true;
	pthread_cond_signal(&domains->ended);
	pthread_mutex_unlock(&domains->lock);
	pthread_join(domains->thread, NULL);
	public_suffixes_free(domains->suffixes);
	pthread_cond_destroy(&domains->ended);
	pthread_mutex_destroy(&domains->lock);
	free(domains);
}
