// SPDX-License-Identifier: Apache-2.0
// A witness (见证方) at work: exchanges its newest cosigned checkpoint for a newer one about once a
// second. The service, the clock and the pauses come in, so it runs in process and in simulations.
// Belongs to one thread.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/witness/witness.h"

namespace birthseal::witness {

struct Service {
  // Transparency.Witness: takes the newest cosigned checkpoint (empty: none yet), gives a newer
  // one signed by the log (empty: none).
  std::function<absl::StatusOr<std::string>(const std::string& cosigned)> exchange;
  ListUpdates list;
};

struct RunnerOptions {
  absl::Duration pause = absl::Seconds(1);
  absl::Duration longest_pause = absl::Seconds(60);  // after errors; doubles up to here
  absl::Duration alarm_after = absl::Minutes(5);     // of nothing but errors
  std::function<absl::Time()> now;
  std::function<void(absl::Duration)> sleep;
  std::function<bool()> stop;                                // asked before each exchange
  std::function<void(const certs::TreeHead&)> cosigned;      // may be empty
  std::function<void(const absl::Status&)> trouble;          // each other error once; may be empty
  std::function<void(const absl::Status&)> lasting_trouble;  // an alarm, once a spell; may be empty
};

class Runner {
 public:
  // `witness` outlives it.
  Runner(Witness* witness, Service service, RunnerOptions options);
  // One exchange. True: a newer checkpoint was cosigned and waits to be brought.
  // Errors: those of the service and of Witness::Offer.
  absl::StatusOr<bool> Exchange();
  // Exchanges until there is nothing newer: all that was cosigned is with the service.
  absl::Status RunOnce();
  // Until stop() or until going on makes no sense: "WITNESS_REFUSES" or the reason of a new
  // refusal, errors of the disk. OK when stopped.
  absl::Status Run();

 private:
  bool Final(const absl::Status& status) const;
  void Note(const absl::Status& status);

  Witness* const witness_;
  const Service service_;
  const RunnerOptions options_;
  std::string newest_;  // cosigned
  bool started_ = false;
  absl::Time failing_since_ = absl::InfiniteFuture();
  std::string last_reason_;
  bool alarmed_ = false;
};

}  // namespace birthseal::witness
