// SPDX-License-Identifier: MIT
#include "daemon/process.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>

#include "base/numbers.h"
#include "base/strings.h"
#include "base/thread.h"

namespace vital {
namespace {

std::string read_line(int fd) {
  char buffer[64];
  const ssize_t count = ::pread(fd, buffer, sizeof buffer, 0);
  return std::string{trim({buffer, count > 0 ? static_cast<std::size_t>(count) : 0})};
}

}  // namespace

Result<PidFile> PidFile::create(const std::string& path) {
  auto fd = open_file(path.c_str(), O_RDWR | O_CREAT, 0644);
  if (!fd) return fd.error();
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0)
    return Error{Errc::refused, path + ": held by the running process " + read_line(fd->get())};
  const std::string line = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd->get(), 0) != 0) return Error::system(path);
  if (auto status = write_all(fd->get(), line); !status) return Error::system(path);
  PidFile file;
  file.fd_ = std::move(*fd);
  file.path_ = path;
  return file;
}

StartDirectory::StartDirectory() : fd_{::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)} {}

void StartDirectory::run(const std::function<void()>& work) const {
  std::exception_ptr failure;
  const auto guarded = [&] {
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  };
  auto thread = Thread::start("configuration", [&] {
    // Where that is not allowed, relative paths begin in the daemon's directory.
    if (fd_ && ::unshare(CLONE_FS) == 0) (void)!::fchdir(fd_.get());
    guarded();
  });
  if (thread)
    thread->join();
  else
    guarded();
  if (failure) std::rethrow_exception(failure);
}

PidFile::~PidFile() {
  if (fd_) ::unlink(path_.c_str());
}

ServiceManager::ServiceManager() {
  if (const char* socket = std::getenv("NOTIFY_SOCKET")) address_ = socket;
  const char* const usec = std::getenv("WATCHDOG_USEC");
  const char* const pid = std::getenv("WATCHDOG_PID");
  std::int64_t interval = 0, who = 0;
  const bool mine =
      pid == nullptr || (parse_whole(std::string_view{pid}, who) && who == ::getpid());
  if (usec != nullptr && mine && parse_whole(std::string_view{usec}, interval) && interval > 0)
    watchdog_ = std::chrono::microseconds{interval} / 2;
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
}

void ServiceManager::tell(std::string_view state) const noexcept {
  sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
  if (address_.empty() || address_.size() >= sizeof name.sun_path) return;
  address_.copy(name.sun_path, sizeof name.sun_path);
  if (address_.front() == '@') name.sun_path[0] = '\0';
  const Fd fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  (void)::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&name), size);
}

Status Background::detach() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error::system("pipe");
  const Fd from_child{ends[0]};
  to_parent_ = Fd{ends[1]};
  const pid_t child = ::fork();
  if (child < 0) return Error::system("fork");
  if (child != 0) {
    to_parent_.reset();
    unsigned char status = 1;
    while (::read(from_child.get(), &status, 1) < 0 && errno == EINTR) {
    }
    ::_exit(status);
  }
  ::setsid();
  return {};
}

void Background::report(int exit_status) noexcept {
  if (!to_parent_) return;
  if (exit_status == 0) {
    const Fd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      if (null) ::dup2(null.get(), fd);
  }
  const auto status = static_cast<char>(exit_status);
  (void)write_all(to_parent_.get(), {&status, 1});
  to_parent_.reset();
}

Status make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) return Error::system(path);
  return {};
}

Status enter_directory(const std::string& path, bool make) {
  if (make)
    if (auto status = make_directory(path); !status) return status;
  if (::chdir(path.c_str()) != 0) return Error::system(path);
  return {};
}

}  // namespace vital
