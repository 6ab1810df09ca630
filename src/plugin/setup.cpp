// SPDX-License-Identifier: MIT
#include "plugin/setup.h"

namespace vital {

SetupError::~SetupError() = default;

Result<Series> Namer::operator()(Identifier identifier, Labels labels) const noexcept {
  if (identifier.plugin.empty()) identifier.plugin = plugin_;
  const DataSet* const type = host_->types().find(identifier.type);
  if (type == nullptr) return Error{Errc::unknown, identifier.type};
  return host_->series().intern(identifier, *type, std::move(labels));
}

Setup::Setup(Host& host, const PluginPlan& plan)
    : host_{host},
      plan_{plan},
      log_{host.log_hub(), plan.name()},
      sources_{std::make_shared<Sources>()} {}

Root Setup::root() const { return host_.root().noting(sources_); }

Series Setup::declare(const Identifier& identifier, Labels labels) const {
  need_types({identifier.type});
  auto series = namer()(identifier, std::move(labels));
  if (!series) throw SetupError{series.error()};
  return std::move(*series);
}

void Setup::need_types(std::initializer_list<std::string_view> types) const {
  for (const std::string_view type : types)
    if (host_.types().find(type) == nullptr)
      throw SetupError{"the types databases have no type \"" + std::string{type} +
                       "\"; see TypesDB"};
}

void Setup::add(Reader& reader, ReaderSpec spec) const {
  if (spec.interval == Span::zero()) spec.interval = plan_.interval;
  if (spec.deadline == Nanoseconds::zero()) spec.deadline = nanoseconds(spec.interval);
  spec.name = spec.name.empty() ? plugin() : plugin() + "/" + spec.name;
  host_.add(reader, spec);
}

void Setup::add(Writer& writer, WriterSpec spec) const {
  spec.name = spec.name.empty() ? plugin() : plugin() + "/" + spec.name;
  host_.add(writer, spec);
}

void Setup::add(Notifier& notifier, NotifierSpec spec) const {
  spec.name = spec.name.empty() ? plugin() : plugin() + "/" + spec.name;
  host_.add(notifier, spec);
}

}  // namespace vital
