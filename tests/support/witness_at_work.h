// SPDX-License-Identifier: Apache-2.0
// A witness (见证方) of a ServiceSite at work on a thread of its own, as `birthseal witness` is in
// a process: it asks the service, follows the log and cosigns.
//
// Its folder, site.directory()/state-NAME, outlives it and is taken up by the next of the name.
// One owner thread. Errors of the exchange are kept for trouble(); those of its files fail the
// test.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "clients/cpp/client.h"
#include "clients/witness/file_state.h"
#include "clients/witness/witness.h"
#include "tests/support/service_harness.h"

namespace birthseal::tests {

// Of the development PKI.
inline constexpr const char* kWitnesses[] = {"witness-police", "witness-health", "witness-audit"};

class WitnessAtWork {
 public:
  // The site outlives it.
  WitnessAtWork(const ServiceSite& site, const std::string& name, int port);
  ~WitnessAtWork();  // stops it
  WitnessAtWork(const WitnessAtWork&) = delete;
  WitnessAtWork& operator=(const WitnessAtWork&) = delete;

  // Where the witness of this name keeps what it knows.
  static std::string FolderOf(const ServiceSite& site, const std::string& name);
  // The reason of the last exchange that failed; empty: it went well.
  std::string trouble() const;

 private:
  std::string Pem(const std::string& file) const;
  absl::StatusOr<certs::NoteSignature> Sign(absl::Time time, absl::string_view body) const;
  void Work();

  const ServiceSite& site_;
  const std::string name_;
  client::Client client_;
  std::unique_ptr<witness::FileState> state_;
  std::unique_ptr<witness::Witness> witness_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::string trouble_;  // under mutex_
  std::thread thread_;
};

}  // namespace birthseal::tests
