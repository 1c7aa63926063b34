// SPDX-License-Identifier: Apache-2.0
// The subcommands of birthseald that work on a store at rest: fsck, backup, restore. The service
// must not be running on that store; its lock says so.
//
// Each prints what it did, in Chinese and English where people act on it, and gives the exit code
// of the process: 0 done and good; 1 findings, damage, or a backup that does not hold; 64 usage; 74
// the disk is full; 75 try again; 78 mend the configuration. Never personal data.
#pragma once

#include <string>
#include <vector>

namespace birthseal::server {

struct FsckArguments {
  std::string config_path;
  bool json = false;
  bool signatures = false;  // those kept in it too (server/at_rest/fsck_signatures.h)
  std::string state_file;  // goes on from what stands there, and writes where it is; the signatures
                           // begin anew; empty: none
  int mib_per_second = 0;  // read at most; 0: as fast as the disk
};
int CheckBytes(const FsckArguments& arguments);
// Rebuilds indexes from their sources, or says what must be restored.
int RepairStore(const std::string& config_path);
// Checks a backup against its manifest; no configuration needed.
int VerifyBackupFolder(const std::string& directory);
// Puts a backup into the empty store.directory and replays the journal.
int RestoreFrom(const std::string& backup, const std::string& config_path);

struct ForwardFlags {
  std::vector<std::string> mirrors;  // folders of witnesses
  bool dry_run = false;
};
// Journal, mirrors, high-water file: the store is brought to the newest state that these have, and
// what is lost is said. Exit code 2: done, with losses; a new log epoch has begun, or would in a
// dry run.
int RestoreForward(const ForwardFlags& flags, const std::string& config_path);

}  // namespace birthseal::server
