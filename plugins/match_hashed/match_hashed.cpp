// SPDX-License-Identifier: MIT
#include <vector>

#include "plugin/plugin.h"

namespace vital::match_hashed {

/// The hash by which collectd spreads hosts over servers; each byte counts as a signed number.
std::uint32_t hash_of(std::string_view host) noexcept {
  std::uint32_t hash = 0;
  for (const char c : host)
    hash = hash * 2184401929u + static_cast<std::uint32_t>(static_cast<signed char>(c));
  return hash;
}

/// Matches some of all hosts, by a hash of their name.
class HashedMatch final : public Match {
 public:
  explicit HashedMatch(const FilterSetup& setup) {
    const auto numbers = setup.options.numbers("Match");
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2)
      shares_.push_back(
          {static_cast<std::uint32_t>(numbers[i]), static_cast<std::uint32_t>(numbers[i + 1])});
  }

  bool by_name() const noexcept override { return true; }

  Result<bool> matches(const Passage& value) noexcept override {
    const std::uint32_t hash = hash_of(value.series().host());
    for (const Share& share : shares_)
      if (hash % share.total == share.match) return true;
    return false;
  }

 private:
  struct Share {
    std::uint32_t match, total;
  };
  std::vector<Share> shares_;
};

}  // namespace vital::match_hashed

extern "C" void vital_register(vital::Registry& registry) {
  using namespace vital;
  registry
      .match<match_hashed::HashedMatch>(
          "match_hashed", "Matches a share of all hosts, chosen by a hash of their names.")
      .note("The hash is collectd's, so that both choose the same hosts.")
      .option("Match", Unset<int>{},
              "MATCH 3 7 is the third-numbered of seven shares, counted from 0. May stand several "
              "times.")
      .arguments(2)
      .range(0, 4294967295.0)
      .repeatable()
      .required()
      .called("SHARE TOTAL")
      .check([](const std::vector<Argument>& arguments) {
        return arguments[0].number < arguments[1].number
                   ? std::string{}
                   : std::string{"wants a share that is below the total: 0 4"};
      });
}
