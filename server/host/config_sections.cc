// SPDX-License-Identifier: Apache-2.0
#include "server/host/config_sections.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace birthseal::server {
namespace {

using Store = storage::v1::ServerConfig::Store;

constexpr int kAlarmSeconds = 300;
constexpr int kStopSeconds = 86'400;
constexpr int kYearSeconds = 366 * 86'400;
constexpr int kMostWitnesses = 64;

// Must be outside of what a restore of the store brings back.
void ReadHighWater(const std::string& given, ConfigFields* fields, Config* config) {
  constexpr char kField[] = "keys.high_water_file";
  if (given.empty()) {
    fields->Fault(kField, "is required",
                  "give a file outside store.directory, best on the disk of the keys");
    return;
  }
  config->keys.high_water_file = fields->Path(given);
  const std::string parent =
      std::filesystem::path(config->keys.high_water_file).parent_path().string();
  if (!IsDirectory(parent.empty() ? "." : parent)) {
    fields->Fault(kField, "must lie in a directory that exists", "make the directory");
  }
  const std::string& store = config->store.directory;
  if (!store.empty() && LiesInside(config->keys.high_water_file, store)) {
    fields->Fault(kField, "must not lie inside store.directory",
                  "a restore of the store would bring back an old file; give another directory");
  }
}

std::string PrivateKeyOf(absl::string_view field, const std::string& given, KeyKind kind,
                         absl::string_view kind_name, absl::string_view make,
                         ConfigFields* fields) {
  std::string pem = fields->Pem(field, given, "PRIVATE KEY");
  if (!pem.empty() && KindOfPrivateKey(pem) != kind) {
    fields->Fault(field, absl::StrCat("is no ", kind_name, " key in PKCS#8"),
                  absl::StrCat("make one with: ", make));
  }
  return pem;
}

void ReadWitness(const storage::v1::ServerConfig::Witnesses::Witness& given,
                 const std::string& field, ConfigFields* fields, Config* config) {
  WitnessKey witness;
  witness.name = given.name();
  if (!IsKeyName(given.name())) {
    fields->Fault(field + ".name", "must be 1 to 200 visible ASCII characters without blank or '+'",
                  "write the key name of its cosignatures");
  }
  const std::string key_field = field + ".public_key_pem";
  witness.public_key_pem = fields->Pem(key_field, given.public_key_pem(), "PUBLIC KEY");
  const KeyKind kind = KindOfPublicKey(witness.public_key_pem);
  if (!witness.public_key_pem.empty() && kind != KeyKind::kEd25519 && kind != KeyKind::kSm2) {
    fields->Fault(key_field, "is no Ed25519 or SM2 public key", "ask the witness for its key");
  }
  const std::string client_field = field + ".client_pem";
  const std::string pem = fields->Pem(client_field, given.client_pem(), "CERTIFICATE");
  if (const auto sm3 = CertificateSm3(pem); sm3.has_value()) {
    witness.client_sm3 = *sm3;
  } else if (!pem.empty()) {
    fields->Fault(client_field, "is no X.509 certificate", "give the witness's TLS certificate");
  }
  config->witnesses.keys.push_back(std::move(witness));
}

}  // namespace

void ReadStoreSection(const storage::v1::ServerConfig& proto, ConfigFields* fields,
                      Config* config) {
  const Store& store = proto.store();
  config->store.in_memory = store.in_memory();
  config->store.directory = fields->Path(store.directory());
  config->store.journal_directory = fields->Path(store.journal_directory());
  constexpr int kMinFreeMib = 512, kMostMib = 1 << 30;
  const int min_free = store.has_min_free_mib() ? store.min_free_mib() : kMinFreeMib;
  if (min_free < 0 || min_free > kMostMib) {
    fields->Fault("store.min_free_mib", absl::StrCat("must be from 0 to ", kMostMib),
                  "leave it out for 512; 0 switches the watch off");
  }
  config->store.min_free_bytes = static_cast<uint64_t>(std::max(min_free, 0)) << 20;
  config->store.backup_directory = fields->Path(store.backup_directory());
  config->store.ack_witnessed = store.ack() == Store::WITNESSED;
  if (!store.in_memory() && store.directory().empty()) {
    fields->Fault("store.directory", "is required", "give the directory of the database");
  }
  if (store.ack() == Store::ACK_UNSPECIFIED) {
    fields->Fault("store.ack", "is required", "write LOCAL, or JOURNALED for production");
  }
  if ((store.ack() == Store::JOURNALED || store.ack() == Store::WITNESSED) &&
      store.journal_directory().empty()) {
    fields->Fault("store.journal_directory",
                  absl::StrCat("is required with ack: ", Store::Ack_Name(store.ack())),
                  "give a directory on a second disk, or write ack: LOCAL");
  }
  if (!store.journal_directory().empty() && store.journal_directory() == store.directory()) {
    fields->Fault("store.journal_directory", "must not be store.directory",
                  "give a directory on a second disk");
  }
  if (store.backup_directory().empty()) return;
  if (!IsDirectory(config->store.backup_directory)) {
    fields->Fault("store.backup_directory", "must be a directory",
                  "make it, on the file system of the store, or leave it out");
  } else if (!store.directory().empty() &&
             LiesInside(config->store.backup_directory, config->store.directory)) {
    fields->Fault("store.backup_directory", "must not lie inside store.directory",
                  "give a directory beside it");
  }
}

void ReadKeysSection(const storage::v1::ServerConfig& proto, ConfigFields* fields, Config* config) {
  const auto& given = proto.keys();
  KeysConfig& keys = config->keys;
  keys.seal_directory = fields->Path(given.seal_directory());
  if (!IsDirectory(keys.seal_directory)) {
    fields->Fault("keys.seal_directory", "must be a directory",
                  "make it, with one directory for each institution");
  }
  keys.key_encryption_key =
      fields->HexKey("keys.key_encryption_key_file", given.key_encryption_key_file(), 16);
  keys.index_key = fields->HexKey("keys.index_key_file", given.index_key_file(), 32);
  keys.log_key_pem = PrivateKeyOf("keys.log_key_pem", given.log_key_pem(), KeyKind::kSm2, "SM2",
                                  "openssl genpkey -algorithm SM2", fields);
  keys.log_ed25519_key_pem =
      PrivateKeyOf("keys.log_ed25519_key_pem", given.log_ed25519_key_pem(), KeyKind::kEd25519,
                   "Ed25519", "openssl genpkey -algorithm ED25519", fields);
  keys.vrf_key_pem = PrivateKeyOf(
      "keys.vrf_key_pem", given.vrf_key_pem(), KeyKind::kP256, "P-256",
      "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256; it never changes", fields);
  keys.log_name = given.log_name();
  if (!IsKeyName(given.log_name())) {
    fields->Fault("keys.log_name", "must be 1 to 200 visible ASCII characters without blank or '+'",
                  "write for instance \"birthseal.example/log\"");
  }
  ReadHighWater(given.high_water_file(), fields, config);
}

void ReadWitnessesSection(const storage::v1::ServerConfig& proto, ConfigFields* fields,
                          Config* config) {
  const auto& given = proto.witnesses();
  std::set<std::string> names, keys;
  std::set<certs::Digest> clients;
  for (int i = 0; i < given.witness_size(); ++i) {
    const std::string field = absl::StrCat("witnesses.witness[", i, "]");
    ReadWitness(given.witness(i), field, fields, config);
    const WitnessKey& witness = config->witnesses.keys.back();
    if (!names.insert(witness.name).second || witness.name == config->keys.log_name) {
      fields->Fault(field + ".name", absl::StrCat("\"", witness.name, "\" is taken already"),
                    "names tell cosignatures apart; give each witness its own");
    }
    const std::string key = DerOfPublicKey(witness.public_key_pem);
    if (!key.empty() && !keys.insert(key).second) {
      fields->Fault(field + ".public_key_pem", "is the key of another witness already",
                    "one key is one witness, under however many names: ask each for its own");
    }
    if (witness.client_sm3 != certs::Digest{} && !clients.insert(witness.client_sm3).second) {
      fields->Fault(field + ".client_pem", "is bound to another witness already",
                    "each witness has a TLS certificate of its own");
    }
  }
  const int count = given.witness_size();
  if (count > kMostWitnesses) fields->Fault("witnesses.witness", "are more than 64", "name fewer");
  if (count == 0 ? given.quorum() != 0 : given.quorum() < 1 || given.quorum() > count) {
    fields->Fault("witnesses.quorum", absl::StrCat("must lie between 1 and their number, ", count),
                  "with three witnesses write 2; without witnesses leave it out");
  }
  if (config->store.ack_witnessed && count == 0) {
    fields->Fault("store.ack", "WITNESSED needs witnesses", "name them, or write JOURNALED");
  }
  WitnessesConfig& witnesses = config->witnesses;
  witnesses.quorum = static_cast<size_t>(given.quorum());
  witnesses.alarm = absl::Seconds(fields->Count("witnesses.alarm_seconds", given.alarm_seconds(),
                                                kAlarmSeconds, 1, kYearSeconds));
  witnesses.stop = absl::Seconds(
      fields->Count("witnesses.stop_seconds", given.stop_seconds(), kStopSeconds, 1, kYearSeconds));
  if (witnesses.stop < witnesses.alarm) {
    fields->Fault("witnesses.stop_seconds", "must not be below witnesses.alarm_seconds",
                  "the alarm comes first");
  }
}

}  // namespace birthseal::server
