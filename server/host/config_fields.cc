// SPDX-License-Identifier: Apache-2.0
#include "server/host/config_fields.h"

#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace birthseal::server {
namespace {

constexpr size_t kMaxSmallFile = 4u << 20;

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

Bio Open(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
}

}  // namespace

std::optional<std::string> ReadSmallFile(const std::string& path) {
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
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

bool LiesInside(const std::string& path, const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(fs::absolute(path, error), error);
  const fs::path outer = fs::weakly_canonical(fs::absolute(directory, error), error);
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  // A path that ends with a slash has an empty last part.
  return end == outer.end() || (std::next(end) == outer.end() && end->empty());
}

std::optional<certs::Digest> CertificateSm3(const std::string& pem) {
  const Bio bio = Open(pem);
  const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  unsigned char* der = nullptr;
  const int size = certificate == nullptr ? 0 : i2d_X509(certificate.get(), &der);
  if (size <= 0) return std::nullopt;
  const certs::Digest digest =
      certs::Sm3Of({reinterpret_cast<const char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return digest;
}

bool KeyFits(const std::string& certificate_pem, const std::string& key_pem) {
  const Bio first = Open(certificate_pem), second = Open(key_pem);
  const Certificate certificate(PEM_read_bio_X509(first.get(), nullptr, nullptr, nullptr),
                                X509_free);
  const Key key(PEM_read_bio_PrivateKey(second.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (certificate == nullptr || key == nullptr) return true;
  return X509_check_private_key(certificate.get(), key.get()) == 1;
}

namespace {

KeyKind KindOf(EVP_PKEY* key) {
  if (key == nullptr) return KeyKind::kUnreadable;
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyKind::kEd25519;
  if (EVP_PKEY_is_a(key, "SM2") == 1) return KeyKind::kSm2;
  char curve[32] = {};
  size_t length = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1 ||
      EVP_PKEY_get_group_name(key, curve, sizeof curve, &length) != 1) {
    return KeyKind::kOther;
  }
  return absl::string_view(curve) == SN_X9_62_prime256v1 ? KeyKind::kP256 : KeyKind::kOther;
}

}  // namespace

KeyKind KindOfPrivateKey(const std::string& pem) {
  const Bio bio = Open(pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  return KindOf(key.get());
}

KeyKind KindOfPublicKey(const std::string& pem) {
  const Bio bio = Open(pem);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  return KindOf(key.get());
}

std::string DerOfPublicKey(const std::string& pem) {
  const Bio bio = Open(pem);
  const Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const int size = key == nullptr ? 0 : i2d_PUBKEY(key.get(), nullptr);
  std::string der(static_cast<size_t>(std::max(size, 0)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  if (!der.empty()) i2d_PUBKEY(key.get(), &out);
  return der;
}

bool IsKeyName(absl::string_view name) {
  bool plain = !name.empty() && name.size() <= 200;
  for (char c : name)
    plain = plain && absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != '+';
  return plain;
}

void ConfigFields::Fault(absl::string_view field, absl::string_view rule, absl::string_view mend) {
  faults_.push_back(absl::StrCat(field, ": ", rule, "; ", mend));
}

std::string ConfigFields::Path(const std::string& given) const {
  if (given.empty() || given[0] == '/' || base_.empty()) return given;
  return absl::StrCat(base_, "/", given);
}

std::string ConfigFields::File(absl::string_view field, const std::string& given) {
  if (given.empty()) {
    Fault(field, "is required", "give the path of the file");
    return "";
  }
  std::optional<std::string> bytes = ReadSmallFile(Path(given));
  if (!bytes.has_value()) {
    Fault(field, absl::StrCat("cannot read ", Path(given)),
          "give the path of a readable file of at most 4 MiB");
    return "";
  }
  // Empty stands for a fault below here, and no key, certificate or profile is empty.
  if (bytes->empty()) Fault(field, absl::StrCat(Path(given), " is empty"), "give a whole file");
  return *std::move(bytes);
}

std::string ConfigFields::Pem(absl::string_view field, const std::string& given,
                              absl::string_view kind) {
  std::string pem = File(field, given);
  if (!pem.empty() && !absl::StrContains(pem, absl::StrCat(kind, "-----"))) {
    Fault(field, absl::StrCat("holds no PEM block \"", kind, "\""), "give a PEM file of that kind");
  }
  return pem;
}

std::string ConfigFields::HexKey(absl::string_view field, const std::string& given, size_t size) {
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

int ConfigFields::Count(absl::string_view field, int given, int otherwise, int low, int high) {
  if (given == 0) return otherwise;
  if (given < low || given > high) {
    Fault(field, absl::StrCat("must lie between ", low, " and ", high),
          absl::StrCat("leave it out for ", otherwise));
  }
  return given;
}

}  // namespace birthseal::server
