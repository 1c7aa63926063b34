// SPDX-License-Identifier: Apache-2.0
// The whole service in one object: store, keys, use cases, finisher and network side, wired from a
// validated configuration.
//
// Start reads positions and keys, never the whole store. When the ledger has fenced itself after a
// failed commit, Healthy says so: the process then exits and is started again, which reopens
// the store and decides from what is durable.
// Thread-safety: one owner thread; Healthy, CheckDisks, ConfirmClock and LogCounters from any,
// before Stop.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/at_rest/disk_watch.h"
#include "server/host/config.h"
#include "server/use_case/issue_step.h"

namespace birthseal::certs {
class Clock;
}
namespace birthseal::store {
class Engine;
class Ledger;
class Registry;
}  // namespace birthseal::store

namespace birthseal::server {

class House;
class WorkerPool;

class ServerApp {
 public:
  struct Options {
    std::unique_ptr<store::Engine> engine;  // required
    const certs::Clock* clock = nullptr;    // null: the system clock; outlives the service
    StepHook step_hook;                     // null in production
    bool run_finisher = true;
    FreeSpace free_space;  // null in production: asks the file system
  };
  // Serves when OK is returned; the port file is written by then.
  // Errors: those of the parts, with their reason; kInvalidArgument names the configuration field.
  static absl::StatusOr<std::unique_ptr<ServerApp>> Start(Config config, Options options);
  // Drains as Stop.
  ~ServerApp();

  int port() const;
  const House& house() const;
  WorkerPool& verifications() const;  // where files of strangers are verified

  // Whether all is well. Errors: kUnavailable, why the service must be started again; or
  // "CLOCK_SUSPECT": it goes on without issuing, until ConfirmClock.
  absl::Status Healthy() const;
  // Looks at the free space of the store and journal directories; call about once a second. With
  // too little, new work is refused with DISK_NEARLY_FULL until there is enough again; the log says
  // so.
  void CheckDisks();
  // After a clock alarm: an operator says that the time is right again.
  void ConfirmClock();
  void LogCounters() const;
  // Graceful: health NOT_SERVING, streams ended, calls in flight finished (up to the configured
  // drain), finisher stopped, ledger closed. Idempotent.
  void Stop();

 private:
  struct Parts;
  explicit ServerApp(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace birthseal::server
