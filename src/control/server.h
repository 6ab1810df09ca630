// SPDX-License-Identifier: MIT
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/thread.h"
#include "control/protocol.h"
#include "plugin/host.h"

namespace vital {

/// Serves the text protocol on any number of Unix sockets, all clients in one thread. A client
/// that does not fetch its replies is not read from until it does.
///
/// Threads  all public members belong to the main thread
class ControlServer {
 public:
  explicit ControlServer(ControlContext context);
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  ~ControlServer();

  /// Opens a socket. One that nobody listens on any more is replaced.
  ///
  /// Errors  the path is taken, too long, or cannot be written; an unknown group is only logged
  Status add(const ControlSocketSpec& spec);
  /// Closes the socket of that path. Clients that are connected stay.
  void remove(const std::string& path) noexcept;
  Status start();
  void stop() noexcept;

 private:
  struct Listener {
    Fd fd;
    std::string path;
    Span interval;
    bool manages;
  };
  struct Client;

  void run();
  void accept_at(int fd);
  void accept_all(const Listener& listener);
  void serve(Client& client, std::uint32_t events);
  bool receive(Client& client);
  void drain(Client& client);
  bool send(Client& client);
  void rearm(Client& client);
  void poll_waiting();
  void close(int fd);

  const ControlContext context_;
  std::shared_ptr<Bell> bell_;
  Fd epoll_;
  std::mutex mutex_;                 // held while a client is accepted
  std::vector<Listener> listeners_;  // guarded by mutex_
  std::map<int, std::unique_ptr<Client>> clients_;
  Complaint no_more_;
  bool stopping_ = false;  // read by the thread after the bell rang
  Thread thread_;
};

}  // namespace vital
