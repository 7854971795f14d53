/* SPDX-License-Identifier: BSD-2-Clause */
/* Unix stream sockets: connect with a limit, listen without a moment of wrong mode or no socket. */
#include "common/unix_socket.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LOCK_TRIES   40
#define LOCK_WAIT_MS 50
#define PROBE_MS     200

static bool unix_address(const char *path, struct sockaddr_un *address_r, struct error *err)
{
	memset(address_r, 0, sizeof(*address_r));
	address_r->sun_family = AF_UNIX;
	if (path[0] == '\0' || strlen(path) >= sizeof(address_r->sun_path))
		return error_set(err, "socket path \"%s\": must have 1 to %zu octets", path,
				 sizeof(address_r->sun_path) - 1);
	snprintf(address_r->sun_path, sizeof(address_r->sun_path), "%s", path);
	return true;
}

/* Connects; *errno_r says why not, 0 when the path itself is the fault. */
static bool connect_within(const char *path, int timeout_ms, int *fd_r, int *errno_r,
			   struct error *err)
{
	/* connect(2) on a Unix socket waits for room in the backlog as long as SO_SNDTIMEO says. */
	struct timeval limit = {timeout_ms / 1000, (timeout_ms % 1000) * 1000};
	struct sockaddr_un address;
	int fd;

	*errno_r = 0;
	if (!unix_address(path, &address, err))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		*errno_r = errno;
		if (fd >= 0)
			close(fd);
		return error_set(err, "connect to %s: %s", path, strerror(*errno_r));
	}
	*fd_r = fd;
	return true;
}

bool unix_connect(const char *path, int timeout_ms, int *fd_r, struct error *err)
{
	int reason;

	return connect_within(path, timeout_ms > 0 ? timeout_ms : 1, fd_r, &reason, err);
}

/* The lock on the socket's directory that makes look-and-replace one step among our own processes. */
static bool lock_directory(const char *path, int *lock_r, struct error *err)
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - path);

	snprintf(directory, sizeof(directory), "%.*s", (int)length, path);
	if (length == 0)
		snprintf(directory, sizeof(directory), "%s", slash == NULL ? "." : "/");
	*lock_r = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock_r < 0)
		return error_set(err, "socket %s: directory %s: %s", path, directory,
				 strerror(errno));
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(*lock_r, LOCK_EX | LOCK_NB) == 0)
			return true;
		poll(NULL, 0, LOCK_WAIT_MS);
	}
	close(*lock_r);
	return error_set(err, "socket %s: directory %s is locked by another process", path,
			 directory);
}

/* May the path be taken: is it free, or a socket that nobody listens on? */
static bool path_is_free(const char *path, struct error *err)
{
	struct stat status;
	int fd, reason;

	if (lstat(path, &status) < 0)
		return errno == ENOENT || error_set(err, "socket %s: %s", path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return error_set(err, "socket %s: a file of another kind is there; remove it",
				 path);
	if (connect_within(path, PROBE_MS, &fd, &reason, err)) {
		close(fd);
		return error_set(err, "socket %s: another process serves it; stop that one first",
				 path);
	}
	return reason == ECONNREFUSED;
}

/* Makes the listening socket under a name of our own and moves it into place. */
static bool listen_and_move(int fd, const char *path, mode_t mode, struct error *err)
{
	struct sockaddr_un address;
	char own[sizeof(address.sun_path) + 16];

	snprintf(own, sizeof(own), "%s.%ld", path, (long)getpid());
	if (!unix_address(own, &address, err))
		return false;
	unlink(own);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return error_set(err, "bind %s: %s", own, strerror(errno));
	if (chmod(own, mode) < 0 || listen(fd, SOMAXCONN) < 0 || rename(own, path) < 0) {
		error_set(err, "socket %s: %s", path, strerror(errno));
		unlink(own);
		return false;
	}
	return true;
}

bool unix_mode_parse(const char *text, mode_t *mode_r, struct error *err)
{
	char *end;
	unsigned long mode = strtoul(text, &end, 8);

	if (text[0] < '0' || text[0] > '7' || *end != '\0' || mode > 0777)
		return error_set(err, "\"%s\" is no file mode; write it in octal, like 0660", text);
	*mode_r = (mode_t)mode;
	return true;
}

bool unix_listen(const char *path, mode_t mode, int *fd_r, struct error *err)
{
	struct sockaddr_un address;
	bool done = false;
	int lock;

	if (!unix_address(path, &address, err) || !lock_directory(path, &lock, err))
		return false;
	*fd_r = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd_r < 0)
		error_set(err, "socket: %s", strerror(errno));
	else
		done = path_is_free(path, err) && listen_and_move(*fd_r, path, mode, err);
	if (!done && *fd_r >= 0)
		close(*fd_r);
	close(lock);
	return done;
}
