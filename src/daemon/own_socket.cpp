// SPDX-License-Identifier: MIT
#include "daemon/own_socket.h"

#include <unistd.h>

#include <cstdlib>

#include "base/strings.h"
#include "daemon/process.h"

namespace vital {
namespace {

bool same(const ControlSocketSpec& a, const ControlSocketSpec& b) noexcept {
  return a.path == b.path && a.group == b.group && a.permissions == b.permissions &&
         a.interval == b.interval;
}

}  // namespace

OwnSocket::OwnSocket(ControlServer& server, std::string run_dir)
    : server_{server}, run_dir_{std::move(run_dir)}, root_{::geteuid() == 0} {}

ControlSocketSpec OwnSocket::spec_of(const Options& globals) const {
  ControlSocketSpec spec{.group = globals.text("ControlSocketGroup"),
                         .permissions = globals.octal("ControlSocketPerms"),
                         .interval = globals.duration("Interval"),
                         .manages = true};
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (globals.given("ControlSocket")) {
    spec.path = globals.text("ControlSocket");
    bool wanted = true;
    if (parse_bool(spec.path, wanted) && !wanted) spec.path.clear();
  } else if (root_) {
    spec.path = run_dir_ + "/vitald.sock";
  } else {
    const bool has_runtime = runtime != nullptr && *runtime != '\0';
    spec.path = (has_runtime ? std::string{runtime} : globals.text("BaseDir")) + "/vitald.sock";
  }
  return spec;
}

Status OwnSocket::add(const ControlSocketSpec& spec) {
  if (spec.path.empty()) return {};
  if (spec.path.starts_with(run_dir_ + "/")) (void)make_directory(run_dir_);
  return server_.add(spec);
}

Status OwnSocket::open(const Options& globals) {
  spec_ = spec_of(globals);
  return add(spec_);
}

void OwnSocket::prepare(const Configuration&, const Configuration& wanted) {
  wanted_ = spec_of(wanted.globals);
}

std::vector<std::string> OwnSocket::commit() {
  const ControlSocketSpec wanted = std::exchange(wanted_, {});
  if (same(wanted, spec_)) return {};
  server_.remove(spec_.path);
  const Status status = add(wanted);
  if (status) {
    spec_ = wanted;
    return {};
  }
  (void)add(spec_);
  return {"no control socket there: " + std::string{status.error().message().view()} +
          "; it stays where it is"};
}

}  // namespace vital
