#include "server/config.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
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

namespace birthseal::server {
namespace {

constexpr size_t kMaxSmallFile = 4u << 20;
constexpr char kValueFont[] = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";
constexpr char kTitleFont[] = "/usr/share/fonts/truetype/arphic/ukai.ttc";
constexpr char kRareFont[] = "/usr/share/fonts/truetype/hanazono/HanaMinB.ttf";

std::optional<std::string> ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string bytes;
  char block[1 << 16];
  while (in.read(block, sizeof block), in.gcount() > 0) {
    bytes.append(block, static_cast<size_t>(in.gcount()));
    if (bytes.size() > kMaxSmallFile) return std::nullopt;
  }
  return in.bad() ? std::nullopt : std::optional<std::string>(std::move(bytes));
}

bool IsDirectory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// SM3 of the DER of the first certificate in `pem`; nothing when there is none.
std::optional<certs::Digest> CertificateSm3(const std::string& pem) {
  std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                          BIO_free);
  std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  if (certificate == nullptr) return std::nullopt;
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  if (size <= 0) return std::nullopt;
  const certs::Digest digest =
      certs::Sm3Of({reinterpret_cast<const char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return digest;
}

// Whether the private key is that of the certificate; true when one of them cannot be read, which
// is another fault.
bool KeyFits(const std::string& certificate_pem, const std::string& key_pem) {
  const auto open = [](const std::string& pem) {
    return std::unique_ptr<BIO, int (*)(BIO*)>(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  };
  std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_bio_X509(open(certificate_pem).get(), nullptr, nullptr, nullptr), X509_free);
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      PEM_read_bio_PrivateKey(open(key_pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (certificate == nullptr || key == nullptr) return true;
  return X509_check_private_key(certificate.get(), key.get()) == 1;
}

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
      : proto_(proto), base_(base) {}

  Config Read() {
    ReadListen();
    ReadTls();
    ReadStore();
    ReadKeys();
    ReadTrust();
    ReadFonts();
    ReadProfiles();
    ReadBootstrapClients();
    ReadLimits();
    config_.allow_crash_points = proto_.allow_crash_points();
    return std::move(config_);
  }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  void Fault(absl::string_view field, absl::string_view rule, absl::string_view mend) {
    faults_.push_back(absl::StrCat(field, ": ", rule, "; ", mend));
  }

  std::string Path(const std::string& given) const {
    if (given.empty() || given[0] == '/' || base_.empty()) return given;
    return absl::StrCat(base_, "/", given);
  }

  // Contents of a required file.
  std::string File(absl::string_view field, const std::string& given) {
    if (given.empty()) {
      Fault(field, "is required", "give the path of the file");
      return "";
    }
    std::optional<std::string> bytes = ReadWhole(Path(given));
    if (!bytes.has_value()) {
      Fault(field, absl::StrCat("cannot read ", Path(given)),
            "give the path of a readable file of at most 4 MiB");
      return "";
    }
    return *std::move(bytes);
  }

  std::string Pem(absl::string_view field, const std::string& given, absl::string_view kind) {
    std::string pem = File(field, given);
    if (!pem.empty() && !absl::StrContains(pem, absl::StrCat(kind, "-----"))) {
      Fault(field, absl::StrCat("holds no PEM block \"", kind, "\""),
            "give a PEM file of that kind");
    }
    return pem;
  }

  std::string HexKey(absl::string_view field, const std::string& given, size_t size) {
    const std::string text = File(field, given);
    if (text.empty()) return "";
    const absl::string_view hex = absl::StripAsciiWhitespace(text);
    bool good = hex.size() == 2 * size;
    for (char c : hex) good = good && absl::ascii_isxdigit(static_cast<unsigned char>(c));
    if (!good) {
      Fault(field, absl::StrCat("must hold exactly ", size, " bytes as ", 2 * size, " hex digits"),
            absl::StrCat("make one with: openssl rand -hex ", size));
      return "";
    }
    return absl::HexStringToBytes(hex);
  }

  int Count(absl::string_view field, int given, int otherwise, int low, int high) {
    if (given == 0) return otherwise;
    if (given < low || given > high) {
      Fault(field, absl::StrCat("must lie between ", low, " and ", high),
            absl::StrCat("leave it out for ", otherwise));
    }
    return given;
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

  void ReadStore() {
    const auto& store = proto_.store();
    config_.store.in_memory = store.in_memory();
    config_.store.directory = Path(store.directory());
    config_.store.journal_directory = Path(store.journal_directory());
    if (!store.in_memory() && store.directory().empty()) {
      Fault("store.directory", "is required", "give the directory of the database");
    }
    using Store = storage::v1::ServerConfig::Store;
    if (store.ack() == Store::ACK_UNSPECIFIED) {
      Fault("store.ack", "is required", "write LOCAL, or JOURNALED for production");
    }
    if (store.ack() == Store::JOURNALED && store.journal_directory().empty()) {
      Fault("store.journal_directory", "is required with ack: JOURNALED",
            "give a directory on a second disk, or write ack: LOCAL");
    }
    if (!store.journal_directory().empty() && store.journal_directory() == store.directory()) {
      Fault("store.journal_directory", "must not be store.directory",
            "give a directory on a second disk");
    }
  }

  void ReadKeys() {
    const auto& keys = proto_.keys();
    config_.keys.seal_directory = Path(keys.seal_directory());
    if (keys.seal_directory().empty() || !IsDirectory(config_.keys.seal_directory)) {
      Fault("keys.seal_directory", "must be a directory",
            "make it, with one directory for each institution");
    }
    config_.keys.key_encryption_key =
        HexKey("keys.key_encryption_key_file", keys.key_encryption_key_file(), 16);
    config_.keys.index_key = HexKey("keys.index_key_file", keys.index_key_file(), 32);
    config_.keys.log_key_pem = Pem("keys.log_key_pem", keys.log_key_pem(), "PRIVATE KEY");
    config_.keys.log_name = keys.log_name();
    bool plain = !keys.log_name().empty() && keys.log_name().size() <= 200;
    for (char c : keys.log_name()) plain = plain && absl::ascii_isgraph(c) && c != '+';
    if (!plain) {
      Fault("keys.log_name", "must be 1 to 200 visible ASCII characters without blank or '+'",
            "write for instance \"birthseal.example/log\"");
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
    const std::string path = given.empty() ? otherwise : Path(given);
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
      const size_t before = faults_.size();
      const std::string text = File(field, proto_.profiles(i));
      if (faults_.size() != before) continue;
      absl::StatusOr<certs::Profile> profile = certs::ParseProfile(text);
      if (!profile.ok()) {
        Fault(field, absl::StrCat(Path(proto_.profiles(i)), ": ", profile.status().message()),
              "mend the profile");
        continue;
      }
      std::string name = profile->name;
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
    if (!v1::Role_Parse(full, &role) || role == v1::ROLE_UNSPECIFIED) {
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
    out.max_message_bytes =
        Count("limits.max_message_bytes", limits.max_message_bytes(), 34 << 20, 1024, 256 << 20);
    out.ledger_queue = Count("limits.ledger_queue", limits.ledger_queue(), 8192, 16, 1'000'000);
    out.drain = absl::Seconds(Count("limits.drain_seconds", limits.drain_seconds(), 20, 1, 3600));
  }

  const storage::v1::ServerConfig& proto_;
  const std::string base_;
  Config config_;
  std::vector<std::string> faults_;
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
  std::optional<std::string> text = ReadWhole(path);
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
