// SPDX-License-Identifier: Apache-2.0
#include "server/host/config.h"

#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "birthseal/storage/v1/config.pb.h"
#include "birthseal/v1/access.pb.h"
#include "certs/errors.h"
#include "certs/identifiers.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "server/host/config_sections.h"

namespace birthseal::server {
namespace {

constexpr char kValueFont[] = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";
constexpr char kTitleFont[] = "/usr/share/fonts/truetype/arphic/ukai.ttc";
constexpr char kRareFont[] = "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf";

// The text of the parse error with its place: protobuf names the unknown field itself.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (text_.empty())
      text_ = absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Reads one ServerConfig field by field and keeps every fault.
class Reader {
 public:
  Reader(const storage::v1::ServerConfig& proto, absl::string_view base)
      : proto_(proto), fields_(base) {}

  Config Read() {
    ReadListen();
    ReadTls();
    ReadStoreSection(proto_, &fields_, &config_);
    ReadKeysSection(proto_, &fields_, &config_);
    ReadTrust();
    ReadFonts();
    ReadProfiles();
    ReadBootstrapClients();
    ReadLimits();
    ReadWitnessesSection(proto_, &fields_, &config_);
    config_.allow_crash_points = proto_.allow_crash_points();
    return std::move(config_);
  }
  const std::vector<std::string>& faults() const { return fields_.faults(); }

 private:
  void Fault(absl::string_view field, absl::string_view rule, absl::string_view mend) {
    fields_.Fault(field, rule, mend);
  }
  std::string Path(const std::string& given) const { return fields_.Path(given); }
  std::string File(absl::string_view field, const std::string& given) {
    return fields_.File(field, given);
  }
  std::string Pem(absl::string_view field, const std::string& given, absl::string_view kind) {
    return fields_.Pem(field, given, kind);
  }
  int Count(absl::string_view field, int given, int otherwise, int low, int high) {
    return fields_.Count(field, given, otherwise, low, high);
  }

  void ReadListen() {
    config_.listen = proto_.listen();
    config_.port_file = Path(proto_.port_file());
    const size_t colon = config_.listen.rfind(':');
    uint32_t port = 0;
    if (colon == std::string::npos || colon == 0 ||
        !absl::SimpleAtoi(config_.listen.substr(colon + 1), &port) || port > 65535) {
      Fault("listen", "must be ADDRESS:PORT with a port from 0 to 65535",
            "write for instance \"0.0.0.0:7443\"; port 0 takes a free one");
    }
  }

  void ReadTls() {
    config_.tls.certificate_pem =
        Pem("tls.certificate_pem", proto_.tls().certificate_pem(), "CERTIFICATE");
    config_.tls.private_key_pem =
        Pem("tls.private_key_pem", proto_.tls().private_key_pem(), "PRIVATE KEY");
    config_.tls.client_ca_pem =
        Pem("tls.client_ca_pem", proto_.tls().client_ca_pem(), "CERTIFICATE");
    if (!KeyFits(config_.tls.certificate_pem, config_.tls.private_key_pem)) {
      Fault("tls.private_key_pem", "is not the key of tls.certificate_pem", "give the pair");
    }
  }

  void ReadTrust() {
    const auto& trust = proto_.trust();
    config_.trust.seal_makers_pem =
        Pem("trust.seal_makers_pem", trust.seal_makers_pem(), "CERTIFICATE");
    config_.trust.signers_pem = Pem("trust.signers_pem", trust.signers_pem(), "CERTIFICATE");
    if (!trust.time_stamps_pem().empty()) {
      config_.trust.time_stamps_pem =
          Pem("trust.time_stamps_pem", trust.time_stamps_pem(), "CERTIFICATE");
    }
  }

  std::string Font(absl::string_view field, const std::string& given, const char* otherwise) {
    std::string path = given.empty() ? otherwise : Path(given);
    if (!std::ifstream(path).good()) {
      Fault(field, absl::StrCat("cannot read ", path),
            "install fonts-noto-cjk, fonts-arphic-ukai and fonts-hanazono, or give a path");
    }
    return path;
  }

  void ReadFonts() {
    config_.fonts.value = Font("fonts.value_ttf", proto_.fonts().value_ttf(), kValueFont);
    config_.fonts.title = Font("fonts.title_ttf", proto_.fonts().title_ttf(), kTitleFont);
    config_.fonts.rare = Font("fonts.rare_ttf", proto_.fonts().rare_ttf(), kRareFont);
  }

  void ReadProfiles() {
    if (proto_.profiles().empty()) {
      Fault("profiles", "at least one is required",
            "name deploy/profiles/national-default.textproto");
    }
    for (int i = 0; i < proto_.profiles_size(); ++i) {
      const std::string field = absl::StrCat("profiles[", i, "]");
      const size_t before = faults().size();
      const std::string text = File(field, proto_.profiles(i));
      if (faults().size() != before) continue;
      absl::StatusOr<certs::Profile> profile = certs::ParseProfile(text);
      if (!profile.ok()) {
        Fault(field, absl::StrCat(Path(proto_.profiles(i)), ": ", profile.status().message()),
              "mend the profile");
        continue;
      }
      std::string name = profile->name;
      config_.profile_files[name] = certs::Sm3Of(text);
      if (!config_.profiles.emplace(name, *std::move(profile)).second) {
        Fault(field, absl::StrCat("a profile named \"", name, "\" is loaded already"),
              "leave one of them out");
      }
    }
    config_.default_profile = proto_.default_profile();
    if (config_.default_profile.empty() && config_.profiles.size() == 1) {
      config_.default_profile = config_.profiles.begin()->first;
    }
    if (config_.profiles.count(config_.default_profile) == 0) {
      Fault("default_profile", "must be the name of a loaded profile", "see `profiles`");
    }
    CheckScopes();
  }

  // Of two profiles for one area from one day nobody could say which judges a case.
  // Rule J8.
  void CheckScopes() {
    std::map<std::pair<std::string, absl::CivilDay>, std::string> scopes;
    for (const auto& [name, profile] : config_.profiles) {
      if (profile.division.empty()) continue;
      const auto [known, fresh] =
          scopes.try_emplace({profile.division, profile.effective_from}, name);
      if (fresh) continue;
      Fault("profiles",
            absl::StrCat("\"", known->second, "\" and \"", name,
                         "\" have one division and one effective_from"),
            "give the newer one its first day");
    }
  }

  void ReadBootstrapClients() {
    for (int i = 0; i < proto_.bootstrap_clients_size(); ++i) {
      const auto& given = proto_.bootstrap_clients(i);
      const std::string field = absl::StrCat("bootstrap_clients[", i, "]");
      BootstrapClient client;
      const std::string pem =
          Pem(field + ".certificate_pem", given.certificate_pem(), "CERTIFICATE");
      if (std::optional<certs::Digest> sm3 = CertificateSm3(pem); sm3.has_value()) {
        client.certificate_sm3 = *sm3;
      } else if (!pem.empty()) {
        Fault(field + ".certificate_pem", "is no X.509 certificate",
              "give the client's certificate");
      }
      client.organisation_code = given.organisation_code();
      if (!certs::CreditCode::Parse(client.organisation_code).ok()) {
        Fault(field + ".organisation_code",
              "must be a unified social credit code with a right check character",
              "ask the organisation for its 18-character code");
      }
      if (given.roles().empty()) Fault(field + ".roles", "is required", "write \"ADMINISTRATOR\"");
      for (const std::string& name : given.roles()) ReadRole(field, name, &client);
      config_.bootstrap_clients.push_back(std::move(client));
    }
  }

  void ReadRole(const std::string& field, const std::string& name, BootstrapClient* client) {
    v1::Role role = v1::ROLE_UNSPECIFIED;
    const std::string full = absl::StartsWith(name, "ROLE_") ? name : absl::StrCat("ROLE_", name);
    v1::Role_Parse(full, &role);  // leaves what it does not know as it is
    if (role == v1::ROLE_UNSPECIFIED) {
      Fault(field + ".roles", absl::StrCat("\"", name, "\" is no role"),
            "use the names of birthseal.v1.Role, for instance \"ADMINISTRATOR\"");
      return;
    }
    client->roles.push_back(role);
  }

  void ReadLimits() {
    const auto& limits = proto_.limits();
    Limits& out = config_.limits;
    out.worker_threads = Count("limits.worker_threads", limits.worker_threads(), 0, 1, 256);
    out.queue_length = Count("limits.queue_length", limits.queue_length(), 1024, 1, 1'000'000);
    out.max_message_bytes = Count("limits.max_message_bytes", limits.max_message_bytes(),
                                  certs::kMaxMessage, 1024, 256 << 20);
    out.ledger_queue = Count("limits.ledger_queue", limits.ledger_queue(), 8192, 16, 1'000'000);
    out.verification_threads =
        Count("limits.verification_threads", limits.verification_threads(), 0, 1, 256);
    out.verification_queue =
        Count("limits.verification_queue", limits.verification_queue(), 64, 1, 10'000);
    out.drain = absl::Seconds(Count("limits.drain_seconds", limits.drain_seconds(), 20, 1, 3600));
  }

  const storage::v1::ServerConfig& proto_;
  ConfigFields fields_;
  Config config_;
};

absl::Status Invalid(absl::string_view message) {
  return certs::Error(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID", message);
}

}  // namespace

absl::StatusOr<Config> ParseConfig(absl::string_view text, absl::string_view base_directory) {
  storage::v1::ServerConfig proto;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(text), &proto)) {
    return Invalid(absl::StrCat(error.text(), "; see deploy/config/birthseald.textproto"));
  }
  Reader reader(proto, base_directory);
  Config config = reader.Read();
  if (!reader.faults().empty()) return Invalid(absl::StrJoin(reader.faults(), "\n"));
  return config;
}

absl::StatusOr<Config> LoadConfig(const std::string& path) {
  std::optional<std::string> text = ReadSmallFile(path);
  if (!text.has_value()) {
    return certs::Error(absl::StatusCode::kNotFound, "CONFIG_UNREADABLE",
                        absl::StrCat("cannot read the configuration file ", path));
  }
  const size_t slash = path.rfind('/');
  absl::StatusOr<Config> config =
      ParseConfig(*text, slash == std::string::npos ? "" : path.substr(0, slash));
  if (config.ok()) return config;
  return Invalid(absl::StrCat(path, ":\n", config.status().message()));
}

}  // namespace birthseal::server
