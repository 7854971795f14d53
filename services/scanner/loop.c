/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll(7), level-triggered. */
#include "services/scanner/loop.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct loop {
	int epoll;
};

bool loop_new(struct loop **loop_r, struct error *err)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return error_set(err, "out of memory");
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return error_set(err, "epoll_create1: %s", strerror(errno));
	}
	*loop_r = loop;
	return true;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	close(loop->epoll);
	free(loop);
}

bool loop_add(struct loop *loop, struct watch *watch, struct error *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0 ||
	       error_set(err, "epoll_ctl: %s", strerror(errno));
}

void loop_close(struct loop *loop, struct watch *watch)
{
	if (watch->fd < 0)
		return;
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	close(watch->fd);
	watch->fd = -1;
}

bool loop_once(struct loop *loop, int timeout_ms, struct error *err)
{
	struct epoll_event event;
	int count = epoll_wait(loop->epoll, &event, 1, timeout_ms);

	if (count < 0 && errno != EINTR)
		return error_set(err, "epoll_wait: %s", strerror(errno));
	if (count == 1) {
		struct watch *watch = event.data.ptr;

		watch->ready(watch);
	}
	return true;
}
