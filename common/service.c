/* SPDX-License-Identifier: BSD-2-Clause */
/* The service manager's protocol, through libsystemd. */
#include "common/service.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

bool service_listen_fds(int *first_r, int *count_r)
{
	int count = sd_listen_fds(1);

	*first_r = SD_LISTEN_FDS_START;
	*count_r = count > 0 ? count : 0;
	for (int i = 0; i < *count_r; i++) {
		if (sd_is_socket(SD_LISTEN_FDS_START + i, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
			return false;
	}
	return count >= 0;
}

void service_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

void service_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

void service_main_pid(pid_t pid)
{
	(void)sd_notifyf(0, "MAINPID=%jd", (intmax_t)pid);
}

bool service_raise_descriptors(unsigned long wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return false;
	if (limit.rlim_cur >= wanted)
		return true;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted;
}

void service_block_signals(sigset_t *ends_r)
{
	sigemptyset(ends_r);
	sigaddset(ends_r, SIGTERM);
	sigaddset(ends_r, SIGINT);
	pthread_sigmask(SIG_BLOCK, ends_r, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

void service_status(const char *format, ...)
{
	char text[256];
	char line[sizeof(text) + 8];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(line, sizeof(line), "STATUS=%s", text);
	(void)sd_notify(0, line);
}
