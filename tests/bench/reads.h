// SPDX-License-Identifier: Apache-2.0
// What relying parties do: verify a document, in the library and through the service; ask a status.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/installation.h"

namespace birthseal::bench {

struct ReadResult {
  uint64_t done = 0;
  uint64_t wrong = 0;  // answers other than expected
  double seconds = 0;
  double server_cpu = 0, own_cpu = 0;  // µs in all
  double per_second() const { return seconds > 0 ? static_cast<double>(done) / seconds : 0; }
};

struct ReadOptions {
  double seconds = 5;
  uint64_t limit = 0;  // end after so many; 0: by time
};

// The files of the certificates with status index 1 to `count`, through the service.
absl::StatusOr<std::vector<std::string>> DownloadDocuments(const Service& service, int count);
// One verifier, two threads, no service: every file once, as a verifier meets it first, then on and
// on, when seals, chains and checkpoints are known.
struct LibraryResult {
  ReadResult first_sight, again;
};
absl::StatusOr<LibraryResult> VerifyInLibrary(const Installation& installation,
                                              const std::vector<std::string>& files,
                                              const ReadOptions& options);
absl::StatusOr<ReadResult> VerifyThroughService(const Service& service,
                                                const std::vector<std::string>& files,
                                                const ReadOptions& options);
// Of the status indexes 1 to `certificates`.
absl::StatusOr<ReadResult> AskStatus(const Service& service, uint64_t certificates,
                                     const ReadOptions& options);

}  // namespace birthseal::bench
