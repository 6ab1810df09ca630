// SPDX-License-Identifier: MIT
// How long the hot pieces take, with Google Benchmark; takes its options (--benchmark_filter=...).
#include <benchmark/benchmark.h>

#include "cases.h"

int main(int count, char** arguments) {
  for (const vital::bench::Case& one : vital::bench::cases())
    benchmark::RegisterBenchmark(std::string{one.name}.c_str(), [&one](benchmark::State& state) {
      const auto work = one.prepare();
      work();
      for ([[maybe_unused]] auto turn : state) work();
    });
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
