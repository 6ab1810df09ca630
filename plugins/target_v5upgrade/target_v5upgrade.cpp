// SPDX-License-Identifier: MIT
#include <vector>

#include "plugin/plugin.h"

namespace vital::target_v5upgrade {
namespace {

Value as_gauge(Value value, Kind kind) noexcept {
  switch (kind) {
    case Kind::gauge:
      return value;
    case Kind::derive:
      return {.gauge = static_cast<double>(value.derive)};
    default:
      return {.gauge = static_cast<double>(value.counter)};
  }
}

}  // namespace

/// Gives values of version 4 the names that they have in version 5. What became several series is
/// taken apart, and each goes its own way from the beginning.
class UpgradeTarget final : public Target {
 public:
  explicit UpgradeTarget(const FilterSetup& setup) : types_{setup.types}, table_{setup.series} {}

  Result<Next> apply(Passage& value) noexcept override {
    const Identifier id = value.series().identifier();
    if (id.plugin == "df" && id.type == "df") return df(value, id);
    if (id.plugin == "interface") return interface(value, id);
    if (id.plugin == "mysql" && id.type == "mysql_qcache") return mysql_qcache(value, id);
    if (id.plugin == "mysql" && id.type == "mysql_threads") return mysql_threads(value, id);
    if (id.plugin == "zfs_arc") return zfs_arc(value, id);
    return Next::proceed;
  }

 private:
  /// Raises a series of its own from some of the values.
  Status emit(Passage& value, const Identifier& id, std::initializer_list<std::size_t> sources) {
    const DataSet* const type = types_.find(id.type);
    if (type == nullptr || type->size() != sources.size()) return Error{Errc::unknown, id.type};
    const auto series = table_.intern(id, *type);
    if (!series) return series.error();
    const Sample sample = value.sample();
    std::vector<Value> values;
    for (const std::size_t source : sources) {
      const bool gauge = type->sources[values.size()].kind == Kind::gauge;
      values.push_back(gauge ? as_gauge(sample.values[source], sample.kind(source))
                             : sample.values[source]);
    }
    return value.submit(*series->get(), values);
  }

  /// To a type whose values are the same.
  Result<Next> rename(Passage& value, const Identifier& id) {
    const DataSet* const type = types_.find(id.type);
    if (type == nullptr || type->size() != value.series().type().size())
      return Error{Errc::unknown, id.type};
    const auto series = table_.intern(id, *type);
    if (!series) return series.error();
    value.rename(*series->get());
    return Next::proceed;
  }

  Result<Next> df(Passage& value, Identifier id) {
    if (!id.plugin_instance.empty() && !id.type_instance.empty()) return Next::proceed;
    if (id.plugin_instance.empty()) id.plugin_instance = id.type_instance;
    id.type = "df_complex";
    id.type_instance = "used";
    if (auto status = emit(value, id, {0}); !status) return status.error();
    id.type_instance = "free";
    if (auto status = emit(value, id, {1}); !status) return status.error();
    return Next::stop;
  }

  Result<Next> interface(Passage& value, Identifier id) {
    if (!id.plugin_instance.empty() || id.type_instance.empty()) return Next::proceed;
    id.plugin_instance = id.type_instance;
    id.type_instance = {};
    return rename(value, id);
  }

  struct Piece {
    const char* type;
    const char* instance;
    std::size_t source;
  };
  template <std::size_t Count>
  Result<Next> take_apart(Passage& value, Identifier id, const Piece (&pieces)[Count],
                          std::size_t sources) {
    if (value.series().type().size() != sources) return Next::stop;
    for (const Piece& piece : pieces) {
      id.type = piece.type;
      id.type_instance = piece.instance;
      if (auto status = emit(value, id, {piece.source}); !status) return status.error();
    }
    return Next::stop;
  }

  Result<Next> mysql_qcache(Passage& value, const Identifier& id) {
    static constexpr Piece kPieces[] = {{"cache_result", "qcache-hits", 0},
                                        {"cache_result", "qcache-inserts", 1},
                                        {"cache_result", "qcache-not_cached", 2},
                                        {"cache_result", "qcache-prunes", 3},
                                        {"cache_size", "qcache", 4}};
    return take_apart(value, id, kPieces, 5);
  }

  Result<Next> mysql_threads(Passage& value, const Identifier& id) {
    static constexpr Piece kPieces[] = {{"threads", "running", 0},
                                        {"threads", "connected", 1},
                                        {"threads", "cached", 2},
                                        {"total_threads", "created", 3}};
    return take_apart(value, id, kPieces, 4);
  }

  Result<Next> zfs_arc(Passage& value, Identifier id) {
    static constexpr Piece kHits[] = {{"cache_result", "demand_data-hit", 0},
                                      {"cache_result", "demand_metadata-hit", 1},
                                      {"cache_result", "prefetch_data-hit", 2},
                                      {"cache_result", "prefetch_metadata-hit", 3}};
    static constexpr Piece kMisses[] = {{"cache_result", "demand_data-miss", 0},
                                        {"cache_result", "demand_metadata-miss", 1},
                                        {"cache_result", "prefetch_data-miss", 2},
                                        {"cache_result", "prefetch_metadata-miss", 3}};
    if (id.type == "arc_counts") {
      if (id.type_instance == "hits") return take_apart(value, id, kHits, 4);
      if (id.type_instance == "misses") return take_apart(value, id, kMisses, 4);
      return Next::stop;
    }
    if (id.type == "arc_l2_bytes") {
      id.type = "io_octets";
      id.type_instance = "L2";
      if (auto status = emit(value, id, {0, 1}); !status) return status.error();
      return Next::stop;
    }
    if (id.type == "arc_l2_size") {
      id.type = "cache_size";
      id.type_instance = "L2";
      return rename(value, id);
    }
    if (id.type == "arc_ratio") {
      id.type = "cache_ratio";
      if (id.type_instance == "L1") id.type_instance = "arc";
      return rename(value, id);
    }
    if (id.type == "arc_size") {
      static constexpr Piece kSize[] = {{"cache_size", "arc", 0}};
      return take_apart(value, id, kSize, 4);
    }
    return Next::proceed;
  }

  const Types& types_;
  SeriesTable& table_;
};

}  // namespace vital::target_v5upgrade

extern "C" void vital_register(vital::Registry& registry) {
  registry.target<vital::target_v5upgrade::UpgradeTarget>(
      "target_v5upgrade", "Gives values of version 4 of collectd the names of version 5.");
}
