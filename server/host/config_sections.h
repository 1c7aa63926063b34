// SPDX-License-Identifier: Apache-2.0
// Sections of the configuration whose rules belong together: where state lies, keys, witnesses.
// Internal to config.cc and config_sections.cc.
#pragma once

#include "birthseal/storage/v1/config.pb.h"
#include "server/host/config.h"
#include "server/host/config_fields.h"

namespace birthseal::server {

void ReadStoreSection(const storage::v1::ServerConfig& proto, ConfigFields* fields, Config* config);
// After the store's: the high-water file must lie outside of it.
void ReadKeysSection(const storage::v1::ServerConfig& proto, ConfigFields* fields, Config* config);
void ReadWitnessesSection(const storage::v1::ServerConfig& proto, ConfigFields* fields,
                          Config* config);

}  // namespace birthseal::server
