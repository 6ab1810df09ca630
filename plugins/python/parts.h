// SPDX-License-Identifier: MIT
#pragma once
#include <memory>
#include <string>

#include "pipeline/ledger.h"
#include "pipeline/writer.h"
#include "python/session.h"

namespace vital::python {

/// One read callback of a script.
class CallbackReader final : public Reader {
 public:
  CallbackReader(Session& session, std::shared_ptr<Callback> callback)
      : session_{session}, callback_{std::move(callback)} {}
  /// Errors  refused: the callback raised an exception, which is said
  Status read(Batch& batch) noexcept override;
  std::string_view name() const noexcept { return callback_->name; }

 private:
  Session& session_;
  const std::shared_ptr<Callback> callback_;
  bool failed_ = false;  // the last time
};

/// One write callback, or flush callback, or the two that bear one name.
class CallbackWriter final : public Writer {
 public:
  CallbackWriter(Session& session, PyObject* module, std::shared_ptr<Callback> write,
                 std::shared_ptr<Callback> flush, std::shared_ptr<Ledger> ledger)
      : session_{session},
        module_{module},
        write_{std::move(write)},
        flush_{std::move(flush)},
        ledger_{std::move(ledger)} {}

  /// A value whose callback fails is lost: it may have been sent half. A flush that fails is said
  /// once, and is no failure of the writer.
  Status write(const Batch& batch) noexcept override;
  Status flush(const FlushRequest& request) noexcept override;

 private:
  Ref values_object(const Sample& sample) const;
  void write(const Sample& sample);

  Session& session_;
  PyObject* const module_;  // collectd
  const std::shared_ptr<Callback> write_, flush_;
  const std::shared_ptr<Ledger> ledger_;
  Trouble trouble_;
};

/// One notification callback.
class CallbackNotifier final : public Notifier {
 public:
  CallbackNotifier(Session& session, PyObject* module, std::shared_ptr<Callback> callback)
      : session_{session}, module_{module}, callback_{std::move(callback)} {}
  Status notify(const Notification& notification) noexcept override;

 private:
  Session& session_;
  PyObject* const module_;  // collectd
  const std::shared_ptr<Callback> callback_;
};

}  // namespace vital::python
