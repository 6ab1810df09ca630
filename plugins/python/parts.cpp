// SPDX-License-Identifier: MIT
#include "python/parts.h"

#include "python/convert.h"

namespace vital::python {
namespace {

/// A new object of a class of the module collectd; what is no argument of ours is left to it.
template <typename... Arguments>
Ref made(PyObject* module, const char* type, const Arguments&... arguments) {
  if (!(arguments && ...)) return {};
  const Ref maker{PyObject_GetAttrString(module, type)};
  if (!maker) return {};
  return Ref{PyObject_CallFunctionObjArgs(maker.get(), arguments.get()..., nullptr)};
}

Ref number(double number) noexcept { return Ref{PyFloat_FromDouble(number)}; }

/// An int where that says it all, as scripts get it from collectd.
Ref whole_or_not(double number) noexcept {
  const auto whole = static_cast<long long>(number);
  return static_cast<double>(whole) == number ? Ref{PyLong_FromLongLong(whole)}
                                              : Ref{PyFloat_FromDouble(number)};
}

}  // namespace

Status CallbackReader::read(Batch& batch) noexcept {
  try {
    const Gil gil;
    const Session::Reading reading{batch};
    const auto fault = session_.call(*callback_, {});
    if (!fault) {
      failed_ = false;
      return {};
    }
    if (!std::exchange(failed_, true)) session_.trace(*fault);
    return fault->error();
  } catch (const std::exception& error) {
    return Error{Errc::temporary, error.what()};
  }
}

Ref CallbackWriter::values_object(const Sample& sample) const {
  const SeriesInfo& series = sample.series;
  return made(module_, "Values", text(series.type_name()), values(sample),
              text(series.plugin_instance()), text(series.type_instance()), text(series.plugin()),
              text(series.host()), number(seconds(sample.time)), number(seconds(sample.interval)),
              meta(sample.meta, module_));
}

void CallbackWriter::write(const Sample& sample) {
  const auto fault = session_.call(*write_, {values_object(sample)});
  if (!fault) return trouble_.ends(session_.log(), write_->name);
  if (trouble_.failures() == 0) session_.trace(*fault);
  trouble_.begins(session_.log(), write_->name, fault->error());
  ledger_->dropped(Loss::failed);
}

Status CallbackWriter::write(const Batch& batch) noexcept {
  if (!write_) return {};
  try {
    const Gil gil;
    for (const Sample& sample : batch) write(sample);
    return {};
  } catch (const std::exception& error) {
    return Error{Errc::temporary, error.what()};
  }
}

Status CallbackWriter::flush(const FlushRequest& request) noexcept {
  if (!flush_) return {};
  try {
    const Gil gil;
    const auto fault = session_.call(
        *flush_, {whole_or_not(seconds(request.older_than)),
                  request.identifier.empty() ? Ref::share(Py_None) : text(request.identifier)});
    session_.judge(*flush_, fault);
    return {};
  } catch (const std::exception& error) {
    return Error{Errc::temporary, error.what()};
  }
}

Status CallbackNotifier::notify(const Notification& what) noexcept {
  try {
    const Gil gil;
    const Ref object = made(
        module_, "Notification", text(what.type), text(what.message), text(what.plugin_instance),
        text(what.type_instance), text(what.plugin), text(what.host), number(seconds(what.time)),
        Ref{PyLong_FromLong(static_cast<long>(what.level))}, meta(&what.meta, module_));
    const auto fault = session_.call(*callback_, {object});
    return fault ? Status{fault->error()} : Status{};
  } catch (const std::exception& error) {
    return Error{Errc::temporary, error.what()};
  }
}

}  // namespace vital::python
