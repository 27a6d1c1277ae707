/* The calendar clock of a program, moved by so many seconds, and with it the times of files that were written since.
 *
 * FANION_CLOCK has the seconds and the moment from which on (both in decimal, a blank between). A file that was written
 * since then is read as written by the moved clock, so that what was just saved is of now; older files, and times that a
 * program has set itself, are as they are. What counts on (CLOCK_MONOTONIC and its kin) is left alone, so that nothing
 * waits longer, and a moment that is waited for is told to the system by its own clock.
 *
 * Loaded by LD_PRELOAD (ld.so(8)), which is inherited as FANION_CLOCK is: a static program, or one that is started
 * without the two, has the system's time. Built and put in place by installer/other_times.py.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

static time_t moved, since;

__attribute__((constructor)) static void read_variable(void) {
    char *rest = getenv("FANION_CLOCK");
    if (rest) {
        moved = strtoll(rest, &rest, 10);
        since = strtoll(rest, NULL, 10);
    }
}

/* `next` is the function of that name which this one stands before. Each has a name of its own here, and that of the
 * system's as its symbol: the headers declare some of them with types of an earlier form of the same values. */
#define INSTEAD(result, name, parameters)                                                                              \
    result moved_##name parameters __asm__(#name);                                                                     \
    result moved_##name parameters {                                                                                   \
        static result(*next) parameters;                                                                               \
        if (!next)                                                                                                     \
            next = (result(*) parameters)dlsym(RTLD_NEXT, #name);

/* --- the calendar */

static int is_calendar(clockid_t clock) {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

INSTEAD(int, clock_gettime, (clockid_t clock, struct timespec *now))
    int result = next(clock, now);
    if (!result && is_calendar(clock))
        now->tv_sec += moved;
    return result;
}

INSTEAD(int, gettimeofday, (struct timeval *now, void *zone))
    int result = next(now, zone);
    if (!result && now)
        now->tv_sec += moved;
    return result;
}

INSTEAD(time_t, time, (time_t *now))
    time_t result = next(NULL) + moved;
    if (now)
        *now = result;
    return result;
}

INSTEAD(int, timespec_get, (struct timespec *now, int base))
    int result = next(now, base);
    if (result == TIME_UTC)
        now->tv_sec += moved;
    return result;
}

/* --- moments that a program waits for */

static struct timespec by_system(const struct timespec *moment, int by_calendar) {
    return (struct timespec){moment->tv_sec - (by_calendar ? moved : 0), moment->tv_nsec};
}

INSTEAD(int, clock_nanosleep, (clockid_t clock, int flags, const struct timespec *moment, struct timespec *left))
    struct timespec until = by_system(moment, flags & TIMER_ABSTIME && is_calendar(clock));
    return next(clock, flags, &until, left);
}

INSTEAD(int, sem_timedwait, (sem_t *semaphore, const struct timespec *moment))
    struct timespec until = by_system(moment, 1);
    return next(semaphore, &until);
}

INSTEAD(int, pthread_mutex_timedlock, (pthread_mutex_t *mutex, const struct timespec *moment))
    struct timespec until = by_system(moment, 1);
    return next(mutex, &until);
}

/* Its clock is the condition's own, and is told by the number: no system has been up for thirty years. */
INSTEAD(int, pthread_cond_timedwait, (pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *moment))
    struct timespec until = by_system(moment, moment->tv_sec > 1000000000);
    return next(condition, mutex, &until);
}

/* --- the times of files */

/* Move a time of a file if it was written since, which is before the system's own next second. */
static void read_time(long long *seconds) {
    struct timespec now = {0, 0};
    static int (*system_clock)(clockid_t, struct timespec *);
    if (!system_clock)
        system_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    system_clock(CLOCK_REALTIME, &now);
    if (*seconds >= since && *seconds <= now.tv_sec)
        *seconds += moved;
}

#define READ_TIME(seconds)                                                                                             \
    do {                                                                                                               \
        long long read = seconds;                                                                                      \
        read_time(&read);                                                                                              \
        seconds = read;                                                                                                \
    } while (0)

/* On 64-bit Linux a `struct stat64` is a `struct stat`. The names with __x are those of glibc before 2.33. */
#define READS(name, parameters, arguments)                                                                             \
    INSTEAD(int, name, parameters)                                                                                     \
        int result = next arguments;                                                                                   \
        if (!result) {                                                                                                 \
            READ_TIME(status->st_atim.tv_sec);                                                                         \
            READ_TIME(status->st_mtim.tv_sec);                                                                         \
            READ_TIME(status->st_ctim.tv_sec);                                                                         \
        }                                                                                                              \
        return result;                                                                                                 \
    }
#define READS_BOTH(name, parameters, arguments) READS(name, parameters, arguments) READS(name##64, parameters, arguments)

READS_BOTH(stat, (const char *path, struct stat *status), (path, status))
READS_BOTH(lstat, (const char *path, struct stat *status), (path, status))
READS_BOTH(fstat, (int file, struct stat *status), (file, status))
READS_BOTH(fstatat, (int folder, const char *path, struct stat *status, int flags), (folder, path, status, flags))
READS_BOTH(__xstat, (int version, const char *path, struct stat *status), (version, path, status))
READS_BOTH(__lxstat, (int version, const char *path, struct stat *status), (version, path, status))
READS_BOTH(__fxstat, (int version, int file, struct stat *status), (version, file, status))
READS_BOTH(__fxstatat, (int version, int folder, const char *path, struct stat *status, int flags),
           (version, folder, path, status, flags))

INSTEAD(int, statx, (int folder, const char *path, int flags, unsigned mask, struct statx *status))
    int result = next(folder, path, flags, mask, status);
    if (!result) {
        READ_TIME(status->stx_atime.tv_sec);
        READ_TIME(status->stx_mtime.tv_sec);
        READ_TIME(status->stx_ctime.tv_sec);
        READ_TIME(status->stx_btime.tv_sec);
    }
    return result;
}
