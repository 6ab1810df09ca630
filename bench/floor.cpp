// SPDX-License-Identifier: MIT
// Usage: floor [--whole] [--interval SECONDS]
// What the kernel alone costs: reads the files of the bare set, at each interval, on descriptors
// that stay open, adds up the numbers in them, and does nothing else. --whole: also /proc/PID/stat
// of each process, opened each time. Runs until it is killed.
#include <dirent.h>
#include <fcntl.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::array<char, 65536> buffer;

/// The sum of all numbers, so that each byte has been looked at.
unsigned long sum_of(ssize_t size) {
  unsigned long sum = 0, number = 0;
  for (ssize_t i = 0; i < size; ++i) {
    const char c = buffer[static_cast<std::size_t>(i)];
    if (c >= '0' && c <= '9') {
      number = number * 10 + static_cast<unsigned long>(c - '0');
    } else {
      sum += number;
      number = 0;
    }
  }
  return sum;
}

unsigned long read_processes() {
  unsigned long sum = 0;
  DIR* const directory = ::opendir("/proc");
  while (const dirent* entry = directory == nullptr ? nullptr : ::readdir(directory)) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    char path[300];
    std::snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    sum += sum_of(::read(fd, buffer.data(), buffer.size()));
    ::close(fd);
  }
  if (directory != nullptr) ::closedir(directory);
  return sum;
}

}  // namespace

int main(int count, char** arguments) {
  bool whole = false;
  long interval = 1;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--whole") == 0) whole = true;
    if (std::strcmp(arguments[i], "--interval") == 0 && i + 1 < count)
      interval = std::atol(arguments[++i]);
  }
  std::array files{"/proc/stat",
                   "/proc/meminfo",
                   "/proc/diskstats",
                   "/proc/net/dev",
                   "/proc/loadavg",
                   "/proc/uptime",
                   "/proc/vmstat",
                   "/proc/mounts",
                   "/proc/interrupts",
                   "/proc/swaps",
                   "/proc/sys/kernel/random/entropy_avail"};
  std::array<int, files.size()> fds{};
  for (std::size_t i = 0; i < files.size(); ++i) fds[i] = ::open(files[i], O_RDONLY | O_CLOEXEC);
  volatile unsigned long sum = 0;
  timespec next{};
  ::clock_gettime(CLOCK_MONOTONIC, &next);
  while (true) {
    next.tv_sec += interval;
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr);
    for (const int fd : fds) sum = sum + sum_of(::pread(fd, buffer.data(), buffer.size(), 0));
    struct statfs root {};
    ::statfs("/", &root);
    sum = sum + root.f_bfree;
    if (whole) sum = sum + read_processes();
  }
}
