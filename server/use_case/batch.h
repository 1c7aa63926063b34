// SPDX-License-Identifier: Apache-2.0
// Many items in one call: each is prepared on the worker pool, those that are fit go to the ledger
// together, and every answer stands at the place of its item.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/use_case/worker_pool.h"

namespace birthseal::server {

// `prepare(i)` gives the `Command` of item i, or why there is none: that is its answer then. It is
// called on several threads at once. `ledger` is a port that has the command.
template <typename Command, typename Port, typename Prepare>
std::vector<absl::StatusOr<typename Command::Answer>> CallBatch(WorkerPool& workers,
                                                                const Port& ledger, size_t items,
                                                                const Prepare& prepare) {
  const absl::Status unasked = absl::InternalError("not asked");
  std::vector<absl::StatusOr<Command>> prepared(items, unasked);
  workers.ForEach(items, [&](size_t i) { prepared[i] = prepare(i); });
  std::vector<absl::StatusOr<typename Command::Answer>> answers(items, unasked);
  std::vector<Command> commands;
  std::vector<size_t> of;
  for (size_t i = 0; i < items; ++i) {
    if (!prepared[i].ok()) {
      answers[i] = prepared[i].status();
      continue;
    }
    commands.push_back(*std::move(prepared[i]));
    of.push_back(i);
  }
  if (commands.empty()) return answers;
  auto durable = ledger.CallAll(std::move(commands));
  for (size_t k = 0; k < of.size(); ++k) answers[of[k]] = std::move(durable[k]);
  return answers;
}

}  // namespace birthseal::server
