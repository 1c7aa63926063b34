// The subcommands of birthseald that work on a store at rest: fsck, backup, restore. The service
// must not be running on that store; its lock says so.
//
// Each prints what it did, in Chinese and English where people act on it, and gives the exit code
// of the process: 0 done and good; 1 findings, or a backup that does not hold; 64 usage; 75 try
// again; 78 mend the configuration. Never personal data.
#pragma once

#include <string>

namespace birthseal::server {

int CheckBytes(const std::string& config_path, bool json);
// Checks a backup against its manifest; no configuration needed.
int VerifyBackupFolder(const std::string& directory);
// Puts a backup into the empty store.directory and replays the journal.
int RestoreFrom(const std::string& backup, const std::string& config_path);

}  // namespace birthseal::server
