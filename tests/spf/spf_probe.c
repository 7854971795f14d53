/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers SPF questions for the test suite: lines `ip TAB helo TAB sender` in, lines `result TAB
 * lookups TAB voids TAB ttl TAB explanation TAB reason` out. With -n COUNT -j THREADS it measures
 * instead: each thread asks each question COUNT times.
 */
#include "common/spf_check.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUESTIONS_MAX 256
#define THREADS_MAX   64

struct probe {
	struct dns *dns;
	int timeout_ms; /* of an evaluation */
	int repeat;
	size_t count;
	struct line {
		char text[1024];
		struct spf_question question;
	} lines[QUESTIONS_MAX];
};

static void print_answer(const struct spf_answer *answer)
{
	printf("%s\t%u\t%u\t%lld\t%s\t%s\n", spf_result_name(answer->result), answer->lookups,
	       answer->voids, (long long)answer->ttl,
	       answer->explanation ? answer->explanation : "", answer->reason);
	fflush(stdout);
}

/* Splits the line in place. */
static bool read_question(char *line, struct spf_question *question_r)
{
	char *helo = strchr(line, '\t'), *sender = helo ? strchr(helo + 1, '\t') : NULL;
	struct error err;

	if (!sender)
		return false;
	*helo++ = '\0';
	*sender++ = '\0';
	sender[strcspn(sender, "\n")] = '\0';
	*question_r = (struct spf_question){.helo = helo, .sender = sender};
	return ip_parse(line, &question_r->client, &err);
}

static bool read_questions(struct probe *probe)
{
	struct line *line = probe->lines;

	while (fgets(line->text, sizeof(line->text), stdin)) {
		if (!read_question(line->text, &line->question))
			return false;
		if (++probe->count == QUESTIONS_MAX)
			return true;
		line++;
	}
	return true;
}

static void *ask_all(void *context)
{
	struct probe *probe = context;
	struct spf_answer answer;
	size_t i;
	int n;

	for (n = 0; n < probe->repeat; n++) {
		for (i = 0; i < probe->count; i++) {
			spf_check(probe->dns, &probe->lines[i].question, probe->timeout_ms,
				  &answer);
			spf_answer_clear(&answer);
		}
	}
	return NULL;
}

static void measure(struct probe *probe, int threads)
{
	pthread_t ids[THREADS_MAX];
	struct timespec begin, end;
	double seconds, asked = (double)threads * probe->repeat * (double)probe->count;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (i = 0; i < threads; i++) {
		if (pthread_create(&ids[i], NULL, ask_all, probe) != 0)
			abort();
	}
	for (i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	printf("%d threads, %.0f evaluations, %.3f s, %.0f/s, %.1f us each\n", threads, asked,
	       seconds, asked / seconds, seconds / asked * threads * 1e6);
}

static void answer_all(struct probe *probe)
{
	struct spf_answer answer;
	size_t i;

	for (i = 0; i < probe->count; i++) {
		spf_check(probe->dns, &probe->lines[i].question, probe->timeout_ms, &answer);
		print_answer(&answer);
		spf_answer_clear(&answer);
	}
}

int main(int argc, char **argv)
{
	static struct probe probe = {.timeout_ms = 20000};
	const char *servers = "";
	struct error err;
	int option, threads = 1, question_ms = 5000;

	while ((option = getopt(argc, argv, "d:t:T:n:j:")) != -1) {
		if (option == 'd')
			servers = optarg;
		else if (option == 't')
			question_ms = atoi(optarg);
		else if (option == 'T')
			probe.timeout_ms = atoi(optarg);
		else if (option == 'n')
			probe.repeat = atoi(optarg);
		else if (option != 'j' || (threads = atoi(optarg)) < 1 || threads > THREADS_MAX)
			return 2;
	}
	if (!read_questions(&probe)) {
		fprintf(stderr, "spf_probe: a line is not ip, helo, sender\n");
		return 2;
	}
	if (!dns_new(servers, question_ms, &probe.dns, &err)) {
		fprintf(stderr, "spf_probe: %s\n", err.text);
		return 1;
	}
	if (probe.repeat > 0)
		measure(&probe, threads);
	else
		answer_all(&probe);
	dns_free(probe.dns);
	return 0;
}
