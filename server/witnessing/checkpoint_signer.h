// SPDX-License-Identifier: Apache-2.0
// Signs durable roots of the log with its keys, on a thread of its own, off the ledger thread.
//
// One checkpoint for every ledger batch that holds an INTENT leaf; other roots only when somebody
// asks. What has queued is taken at once: the newest head goes to the high-water file, durably,
// before the first of these signatures is made, so none ever leaves for a head beyond it.
// When the log signer refuses (a size below its last one, the same size with another root), the
// file cannot be written, or the second implementation does not accept a signature, nothing more is
// signed (kDataLoss) until the service is started again.
// The first signatures after a start are checked by the second implementation.
// Thread-safe. Durability: roots come from the ledger after they are durable.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "certs/proof/checkpoint.h"
#include "server/witnessing/high_water.h"
#include "server/witnessing/witnessed.h"
#include "signer/sealing/log_signer.h"
#include "store/durable_root.h"

namespace birthseal::server {

class CheckpointSigner {
 public:
  struct Options {
    signer::NoteSigners keys;      // one signature line each
    std::string log_name;          // the origin is OriginOf(log_name, epoch)
    certs::NoteVerifier verifier;  // of the first key's public half
    // Null: tests that need none. Outlives the signer, which alone raises it from now on. A head of
    // another log epoch in it does not bind: the start has checked that it ended
    // (store_position.h).
    HighWater* mark = nullptr;
    certs::LogEpoch epoch{1};
  };
  explicit CheckpointSigner(Options options);
  ~CheckpointSigner();

  // LedgerOptions::on_durable. Call once more with Ledger::Head() after the ledger has opened.
  void OnDurable(const store::DurableRoot& root);

  // The checkpoint of exactly this size, whose batch held an INTENT. Errors: kNotFound it is not
  // among those kept (use Newest and a path from the registry); kDeadlineExceeded; kDataLoss;
  // kUnavailable "STOPPING".
  absl::StatusOr<std::string> WaitFor(certs::LogSize size, absl::Duration timeout);
  // Of this root, which the ledger has made durable or is about to tell of; signed now if it was
  // not. Errors: kNotFound a larger one is signed already, and this one is not kept; as WaitFor.
  absl::StatusOr<std::string> Exactly(const store::DurableRoot& root, absl::Duration timeout);
  // Of the newest durable root, signed now if it was not. Errors: kNotFound "LOG_EMPTY"; as
  // WaitFor.
  absl::StatusOr<SignedRoot> Newest(absl::Duration timeout);

  // Whether a checkpoint of this log was ever signed, by the high-water file or since the start, or
  // is about to be.
  bool EverSigned() const;
  // Empty while all is well.
  std::string failure() const;

 private:
  void Run();
  absl::Status Raise(const std::vector<certs::TreeHead>& heads);
  absl::StatusOr<std::string> Sign(const certs::TreeHead& head);
  void Queue(const store::DurableRoot& root);                                 // requires mutex_
  void Keep(certs::LogSize size, std::string checkpoint);                     // requires mutex_
  absl::StatusOr<std::string> Kept(certs::LogSize size, bool in_time) const;  // requires mutex_
  absl::Status Failure() const;                                               // requires mutex_

  const Options options_;
  const bool signed_before_;      // the start, says the high-water file
  signer::LogSigner log_signer_;  // thread-safe
  int checks_left_ = 8;           // signing thread only

  mutable std::mutex mutex_;
  std::condition_variable work_, signed_;
  std::deque<store::DurableRoot> queue_;        // under mutex_
  std::map<certs::LogSize, std::string> kept_;  // under mutex_; size -> note
  std::set<certs::LogSize> asked_;              // under mutex_; sizes to sign once they are durable
  store::DurableRoot newest_durable_;           // under mutex_
  certs::LogSize last_queued_;                  // under mutex_
  SignedRoot newest_signed_;                    // under mutex_
  std::string failure_;                         // under mutex_
  bool stopping_ = false;                       // under mutex_
  std::thread thread_;
};

}  // namespace birthseal::server
