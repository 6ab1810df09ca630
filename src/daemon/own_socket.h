// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "control/server.h"
#include "daemon/section.h"

namespace vital {

/// The daemon's own control socket, as the options ControlSocket, ControlSocketGroup and
/// ControlSocketPerms say.
class OwnSocket final : public Section {
 public:
  /// `run_dir`: where it is by default, for the superuser.
  OwnSocket(ControlServer& server, std::string run_dir);

  /// At the start. An empty path: there is to be none.
  ///
  /// Errors  those of ControlServer::add()
  Status open(const Options& globals);

  void prepare(const Configuration& running, const Configuration& wanted) override;
  std::vector<std::string> commit() override;
  void discard() noexcept override { wanted_ = {}; }

 private:
  ControlSocketSpec spec_of(const Options& globals) const;
  Status add(const ControlSocketSpec& spec);

  ControlServer& server_;
  const std::string run_dir_;
  const bool root_;  // when it was made; the daemon may have become somebody else since
  ControlSocketSpec spec_, wanted_;
};

}  // namespace vital
