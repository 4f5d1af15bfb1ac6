/* Records what a program writes below one folder, in order; may fail chosen syncs with EIO.
 *
 * Loaded with LD_PRELOAD. DISK_FOLDER is the folder, DISK_LOG the log; DISK_FAIL_SYNC is
 * "ending first count": of the syncs of files whose name has this ending, those numbered
 * first .. first + count - 1 (from 1) fail, and nothing that waits is written by them.
 * What the program writes to its standard output is recorded among the rest.
 *
 * A record is: kind (1 byte), file (4), offset or size (8), length (4), bytes; little-endian.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FDS 1024
#define FILES 65536
#define NONE (-1)
#define THE_FOLDER 0

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int log_fd = NONE;
static int file_of[FDS];
static ino_t inode_of[FILES];
static char *name_of[FILES];
static int files = 1;
static char fail_ending[64];
static int fail_first, fail_count, fail_seen;

__attribute__((constructor)) static void begin(void) {
    for (int fd = 0; fd < FDS; fd++) file_of[fd] = NONE;
    folder = getenv("DISK_FOLDER");
    const char *log = getenv("DISK_LOG");
    if (!folder || !log) return;
    folder_length = strlen(folder);
    log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const char *fail = getenv("DISK_FAIL_SYNC");
    if (fail) sscanf(fail, "%63s %d %d", fail_ending, &fail_first, &fail_count);
}

static void put(const void *bytes, size_t length) {
    const char *rest = bytes;
    while (length) {
        ssize_t n = syscall(SYS_write, log_fd, rest, length);
        if (n < 0) _exit(97);
        rest += n;
        length -= n;
    }
}

static void record(char kind, uint32_t file, uint64_t offset, const void *bytes, uint32_t length) {
    char head[17];
    head[0] = kind;
    memcpy(head + 1, &file, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &length, 4);
    put(head, sizeof head);
    put(bytes, length);
}

/* The name of a path below the folder; "" for the folder itself; NULL elsewhere. */
static const char *name_in(const char *path) {
    if (log_fd == NONE || !path || strncmp(path, folder, folder_length)) return NULL;
    if (!path[folder_length]) return "";
    return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

static int file_at(int fd, const char *name, int is_new) {
    struct stat st;
    if (fstat(fd, &st)) return NONE;
    if (!is_new)
        for (int i = files - 1; i > 0; i--)
            if (inode_of[i] == st.st_ino) return i;
    if (files == FILES) _exit(98);
    inode_of[files] = st.st_ino;
    name_of[files] = strdup(name);
    record(is_new ? 'C' : 'E', files, 0, name, strlen(name));
    return files++;
}

static int opened(const char *path, int flags, mode_t mode) {
    const char *name = name_in(path);
    if (!name) return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat st;
    int is_new = (flags & O_CREAT) && lstat(path, &st);
    int fd = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    int error = errno;
    if (fd >= FDS) _exit(99);
    if (fd >= 0) {
        file_of[fd] = *name ? file_at(fd, name, is_new) : THE_FOLDER;
        if (*name && !is_new && (flags & O_TRUNC)) record('T', file_of[fd], 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

#define MODE(flags)                                 \
    mode_t mode = 0;                                \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {        \
        va_list rest;                               \
        va_start(rest, flags);                      \
        mode = va_arg(rest, mode_t);                \
        va_end(rest);                               \
    }

int open(const char *path, int flags, ...) { MODE(flags) return opened(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(path, flags, mode); }

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < FDS) file_of[fd] = NONE;
    int result = syscall(SYS_close, fd);
    pthread_mutex_unlock(&lock);
    return result;
}

static int is_ours(int fd) { return log_fd != NONE && fd >= 0 && fd < FDS && file_of[fd] > 0; }

ssize_t write(int fd, const void *bytes, size_t length) {
    if (log_fd == NONE || (fd != STDOUT_FILENO && !is_ours(fd)))
        return syscall(SYS_write, fd, bytes, length);
    pthread_mutex_lock(&lock);
    ssize_t n = syscall(SYS_write, fd, bytes, length);
    int error = errno;
    if (n > 0 && fd == STDOUT_FILENO) record('A', 0, 0, bytes, n);
    else if (n > 0) record('W', file_of[fd], lseek(fd, 0, SEEK_CUR) - n, bytes, n);
    pthread_mutex_unlock(&lock);
    errno = error;
    return n;
}

static ssize_t written_at(int fd, const void *bytes, size_t length, off_t offset) {
    if (!is_ours(fd)) return syscall(SYS_pwrite64, fd, bytes, length, offset);
    pthread_mutex_lock(&lock);
    ssize_t n = syscall(SYS_pwrite64, fd, bytes, length, offset);
    int error = errno;
    if (n > 0) record('W', file_of[fd], offset, bytes, n);
    pthread_mutex_unlock(&lock);
    errno = error;
    return n;
}

ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return written_at(fd, b, n, at); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at) { return written_at(fd, b, n, at); }

static int cut(int fd, off_t size) {
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_ftruncate, fd, size);
    int error = errno;
    if (!result && is_ours(fd)) record('T', file_of[fd], size, "", 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) { return cut(fd, size); }

static int must_fail(int file) {
    const char *name = name_of[file];
    size_t length = strlen(fail_ending);
    if (!fail_count || !name || strlen(name) < length) return 0;
    if (strcmp(name + strlen(name) - length, fail_ending)) return 0;
    fail_seen++;
    return fail_seen >= fail_first && fail_seen < fail_first + fail_count;
}

static int synced(int fd, long call) {
    if (log_fd == NONE || fd < 0 || fd >= FDS || file_of[fd] == NONE) return syscall(call, fd);
    pthread_mutex_lock(&lock);
    int file = file_of[fd], error = EIO, result = -1;
    if (must_fail(file)) {
        record('F', file, 0, "", 0);
    } else {
        result = syscall(call, fd);
        error = errno;
        if (!result) record('S', file, 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static void record_names(char kind, const char *from, const char *to) {
    char both[8192];
    int n = snprintf(both, sizeof both, "%s/%s", from, to);
    record(kind, 0, 0, both, n);
}

int rename(const char *from, const char *to) {
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_rename, from, to);
    int error = errno;
    if (!result && name_in(from) && name_in(to)) record_names('R', name_in(from), name_in(to));
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int link(const char *from, const char *to) {
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_link, from, to);
    int error = errno;
    if (!result && name_in(from) && name_in(to)) record_names('L', name_in(from), name_in(to));
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags) {
    (void)from_fd, (void)to_fd, (void)flags; /* every path of ours is absolute */
    return link(from, to);
}

int unlink(const char *path) {
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_unlink, path);
    int error = errno;
    const char *name = name_in(path);
    if (!result && name) record('U', 0, 0, name, strlen(name));
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
