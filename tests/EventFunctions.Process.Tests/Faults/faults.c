// Faults of a machine, for one process: loaded with LD_PRELOAD, and told what to do by the file that FAULTS names.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct faults
{
    int32_t sync_error;    // what a sync of a database fails with; 0 lets it succeed
    int32_t write_error;   // what a write to a database fails with
    int64_t clock_offset;  // seconds that the clock is ahead
    int64_t synced;        // how long the write-ahead log of events.db was at its last sync that succeeded
};

static volatile struct faults *faults;

__attribute__((constructor)) static void load(void)
{
    const char *path = getenv("FAULTS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *memory = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(struct faults), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    faults = memory == MAP_FAILED ? NULL : memory;
    if (file >= 0)
    {
        close(file);
    }
}

static int names(int file, const char *part)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return strstr(path, part) != NULL;
}

static int sync_with(long call, int file)
{
    if (!faults)
    {
        return (int)syscall(call, file);
    }

    if (faults->sync_error && names(file, ".db"))
    {
        errno = faults->sync_error;
        return -1;
    }

    struct stat before;
    int is_log = names(file, "events.db-wal") && fstat(file, &before) == 0;
    int result = (int)syscall(call, file);
    if (result == 0 && is_log)
    {
        faults->synced = before.st_size;
    }

    return result;
}

int fsync(int file) { return sync_with(SYS_fsync, file); }

int fdatasync(int file) { return sync_with(SYS_fdatasync, file); }

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at)
{
    if (faults && faults->write_error && names(file, ".db"))
    {
        errno = faults->write_error;
        return -1;
    }

    return syscall(SYS_pwrite64, file, bytes, count, at);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && faults && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    {
        time->tv_sec += faults->clock_offset;
    }

    return result;
}
