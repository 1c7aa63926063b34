// Signs durable roots of the log with the log key, on a thread of its own, off the ledger thread.
//
// One signature for every ledger batch that holds an INTENT leaf; other roots only when somebody
// asks for the newest. When the log signer refuses (a size below its last one, the same size with
// another root) nothing more is signed (kDataLoss) until the service is started again. The first
// signatures after a start are checked by the second SM2 implementation.
// Thread-safe. Durability: roots come from the ledger after they are durable.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "certs/proof/checkpoint.h"
#include "signer/log_signer.h"
#include "signer/sm2_sign.h"
#include "store/ledger.h"

namespace birthseal::server {

// A signed root.
struct SignedRoot {
  uint64_t size = 0;
  std::string checkpoint;  // signed note
};

class CheckpointSigner {
 public:
  // `log_name` is the key name; the origin is "<log_name>/<epoch> sm3". `verifier` is the public
  // half of the key; `last` the newest head ever signed (size 0: none known).
  CheckpointSigner(std::shared_ptr<const signer::PrivateKey> log_key, const std::string& log_name,
                   uint64_t log_epoch, certs::NoteVerifier verifier, certs::TreeHead last = {});
  ~CheckpointSigner();

  // LedgerOptions::on_durable. Call once more with Ledger::Head() after the ledger has opened.
  void OnDurable(const store::DurableRoot& root);

  // The checkpoint of exactly this size, whose batch held an INTENT. Errors: kNotFound it is not
  // among those kept (use Newest and a path from the registry); kDeadlineExceeded; kDataLoss.
  absl::StatusOr<std::string> WaitFor(uint64_t size, absl::Duration timeout);
  // Of the newest durable root, signed now if it was not. Errors: kNotFound the log is empty.
  absl::StatusOr<SignedRoot> Newest(absl::Duration timeout);

  // Empty while all is well.
  std::string failure() const;

 private:
  void Run();
  absl::StatusOr<std::string> Sign(const store::DurableRoot& root);
  void Keep(uint64_t size, std::string checkpoint);  // requires mutex_
  absl::Status Failure() const;                      // requires mutex_

  signer::LogSigner log_signer_;  // thread-safe
  const std::string origin_;
  const certs::NoteVerifier verifier_;
  int checks_left_ = 8;  // signing thread only

  mutable std::mutex mutex_;
  std::condition_variable work_, signed_;
  std::deque<store::DurableRoot> queue_;  // under mutex_
  std::map<uint64_t, std::string> kept_;  // under mutex_; size -> note
  store::DurableRoot newest_durable_;     // under mutex_
  uint64_t last_queued_ = 0;              // under mutex_
  SignedRoot newest_signed_;              // under mutex_
  std::string failure_;                   // under mutex_
  bool stopping_ = false;                 // under mutex_
  std::thread thread_;
};

}  // namespace birthseal::server
