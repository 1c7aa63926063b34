// SPDX-License-Identifier: Apache-2.0
// A log key that takes its time: as long as the test wants.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "signer/sealing/note_signer.h"

namespace birthseal::tests {

// Signs as another key does, once it may.
class SlowKey : public signer::NoteSigner {
 public:
  explicit SlowKey(std::shared_ptr<const signer::NoteSigner> key) : key_(std::move(key)) {}
  absl::StatusOr<certs::NoteSignature> Sign(absl::string_view body) const override {
    std::unique_lock<std::mutex> lock(mutex_);
    signing_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return may_; });
    return key_->Sign(body);
  }
  std::string PublicKeyPem() const override { return key_->PublicKeyPem(); }
  void WaitUntilAsked() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return signing_; });
  }
  void Allow() {
    const std::lock_guard<std::mutex> lock(mutex_);
    may_ = true;
    changed_.notify_all();
  }

 private:
  const std::shared_ptr<const signer::NoteSigner> key_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable bool signing_ = false;
  bool may_ = false;
};

}  // namespace birthseal::tests
