// SPDX-License-Identifier: Apache-2.0
// The parts of one certificate, each measured alone: CPU µs. Rounds are taken before, between and
// after the runs of the whole path, and the median counts, as the machine may be noisy. Work of
// the processor runs on two threads at once, as it does in the service.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/child_process.h"
#include "tests/bench/installation.h"

namespace birthseal::bench {

struct Primitive {
  std::string key;   // of the JSON
  std::string text;  // what the table says
  double bytes = 0;  // for MB/s; 0: none
  std::vector<double> rounds;
  double micros() const;  // median
};

class Primitives {
 public:
  // Needs the packaged fonts. `own_program` is started again as the echo service.
  static absl::StatusOr<std::unique_ptr<Primitives>> Make(const Installation& installation,
                                                          const std::string& own_program);
  ~Primitives();
  // One round of all; `slice_ms` for each.
  absl::Status Round(double slice_ms);
  const std::vector<Primitive>& all() const { return all_; }
  // Median of the primitive with this key, which must exist.
  double Of(const std::string& key) const;

 private:
  struct Material;
  Primitives(const Installation& installation, ChildProcess echo);
  void Add(const std::string& key, const std::string& text, double bytes,
           std::function<void()> once);
  void AddCrypto();
  void AddDocument();
  absl::Status RoundOfCalls(double slice_ms);
  absl::Status RoundOfCommits(double slice_ms);
  Primitive& At(const std::string& key);

  const Installation& installation_;
  ChildProcess echo_;
  std::unique_ptr<Material> material_;
  std::vector<Primitive> all_;
  std::vector<std::function<void()>> work_;  // parallel to the head of all_
};

}  // namespace birthseal::bench
