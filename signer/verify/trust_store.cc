// SPDX-License-Identifier: Apache-2.0
#include "signer/verify/trust_store.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "signer/der/der_fields.h"
#include "signer/verify/openssl_ptr.h"
#include "signer/verify/sm2_id.h"
#include "signer/verify/sm2_verify.h"
#include "signer/verify/verdict_cache.h"

namespace birthseal::signer {
namespace {

constexpr size_t kRememberedChains = 4096;

absl::Status Refused(absl::string_view reason) {
  return certs::Error(absl::StatusCode::kUnauthenticated, reason,
                      absl::StrCat("certificate refused: ", reason));
}

absl::Status BadInput(absl::string_view reason) {
  return certs::Error(absl::StatusCode::kInvalidArgument, reason,
                      absl::StrCat("trust store: ", reason));
}

absl::Status OutOfMemory() {
  return certs::Error(absl::StatusCode::kInternal, "", "trust store: out of memory");
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm broken{};
  if (ASN1_TIME_to_tm(time, &broken) != 1) return absl::InfinitePast();
  return absl::FromTimeT(timegm(&broken));
}

std::string NameDer(const X509_NAME* name) {
  const uint8_t* der = nullptr;
  size_t size = 0;
  X509_NAME_get0_der(const_cast<X509_NAME*>(name), &der, &size);
  return std::string(reinterpret_cast<const char*>(der), size);
}

std::string SerialOf(const ASN1_INTEGER* serial) {
  return absl::StrCat(serial->type == V_ASN1_NEG_INTEGER ? "-" : "+",
                      absl::string_view(reinterpret_cast<const char*>(serial->data),
                                        static_cast<size_t>(serial->length)));
}

std::string DerOf(X509* certificate) {
  uint8_t* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  std::string out(reinterpret_cast<char*>(der), static_cast<size_t>(std::max(size, 0)));
  OPENSSL_free(der);
  return out;
}

// What one chain says, whatever the moment asked about.
struct ChainVerdict {
  absl::Status status;                          // chain, extensions, key usage
  absl::Time from, until;                       // every certificate of the chain is valid
  absl::Time revoked = absl::InfiniteFuture();  // the first revocation in the chain

  absl::Status At(absl::Time at) const {
    if (!status.ok()) return status;
    if (at < from) return Refused("CERT_NOT_YET_VALID");
    // Revoked before expired: who holds a revoked key may write any time into what is signed with
    // it, so that it was revoked must not be forgotten on the day its certificate ends.
    if (at >= revoked) return Refused("CERT_REVOKED");
    if (at > until) return Refused("CERT_EXPIRED");
    return absl::OkStatus();
  }
  // Every certificate of the chain is valid then. A search at that moment finds the same chain: of
  // several certificates of one name it takes the first that is valid, and without a time the
  // first.
  bool Covers(absl::Time at) const { return at >= from && at <= until; }
};

absl::string_view ReasonOfChainError(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "CERT_EXPIRED";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "CERT_NOT_YET_VALID";
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
      return "CERT_CRITICAL_EXTENSION";
    default:
      return "CHAIN_UNTRUSTED";
  }
}

struct CrlParts {
  absl::string_view to_be_signed, signature;
};

// An empty view may have no address, which OpenSSL takes for a mistake.
absl::StatusOr<BioPtr> BioOf(absl::string_view pem) {
  BioPtr bio(BIO_new_mem_buf(pem.empty() ? "" : pem.data(), static_cast<int>(pem.size())));
  if (bio == nullptr) return OutOfMemory();
  return bio;
}

// The raw slices of a CRL: OpenSSL 3.0 has no way to set the SM2 id on an X509_CRL, so its
// signature is checked by hand over the bytes as they came. Of what is no strict DER no signature
// is left that could hold.
CrlParts Slice(absl::string_view der) {
  der::Fields whole = der::Fields::OfSequence(der);
  const absl::string_view to_be_signed = whole.Take(der::kSequence).whole;
  whole.Take(der::kSequence);  // algorithm: the key's is used
  return {to_be_signed, whole.Bits()};
}

}  // namespace

struct TrustStore::State {
  X509StorePtr store{X509_STORE_new()};
  X509StackPtr intermediates{sk_X509_new_null()};
  std::vector<X509Ptr> certificates;
  bool has_anchor = false;
  // Issuer name and serial number -> when revoked.
  std::map<std::pair<std::string, std::string>, absl::Time> revoked;
  mutable VerdictCache<ChainVerdict> verdicts{kRememberedChains};

  absl::Status AddCertificates(absl::string_view pem);
  absl::Status AddCrls(absl::string_view pem);
  absl::Status AddCrl(X509_CRL* crl, absl::string_view der);
  bool IsSignedByIssuer(X509_CRL* crl, const CrlParts& parts) const;
  // Judges the chain; with `at`, prefers the chain that is valid then.
  ChainVerdict Judge(absl::string_view certificate_der, const absl::Time* at) const;
  void TakeWindow(X509* certificate, ChainVerdict* verdict) const;
};

absl::Status TrustStore::State::AddCertificates(absl::string_view pem) {
  if (store == nullptr || intermediates == nullptr) return OutOfMemory();
  ASSIGN_OR_RETURN(const BioPtr bio, BioOf(pem));
  ERR_clear_error();
  while (X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    X509* raw = certificate.get();
    if (!SetSm2Id(raw)) return BadInput("TRUST_CERTIFICATE");
    const bool anchor = (X509_get_extension_flags(raw) & EXFLAG_SS) != 0;
    const bool added = anchor ? X509_STORE_add_cert(store.get(), raw) == 1
                              : sk_X509_push(intermediates.get(), raw) > 0;
    if (!added) return BadInput("TRUST_CERTIFICATE");
    has_anchor = has_anchor || anchor;
    certificates.push_back(std::move(certificate));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end ? absl::OkStatus() : BadInput("TRUST_CERTIFICATE");
}

bool TrustStore::State::IsSignedByIssuer(X509_CRL* crl, const CrlParts& parts) const {
  for (const X509Ptr& issuer : certificates) {
    if (X509_NAME_cmp(X509_get_subject_name(issuer.get()), X509_CRL_get_issuer(crl)) != 0 ||
        (X509_get_key_usage(issuer.get()) & KU_CRL_SIGN) == 0) {
      continue;
    }
    absl::StatusOr<PublicKey> key = PublicKey::FromCertificate(DerOf(issuer.get()));
    if (key.ok() && key->Verify(parts.to_be_signed, parts.signature)) return true;
  }
  return false;
}

absl::Status TrustStore::State::AddCrl(X509_CRL* crl, absl::string_view der) {
  if (!IsSignedByIssuer(crl, Slice(der))) return BadInput("CRL_SIGNATURE");
  const std::string issuer = NameDer(X509_CRL_get_issuer(crl));
  STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    const absl::Time since = TimeOf(X509_REVOKED_get0_revocationDate(entry));
    auto [place, fresh] =
        revoked.try_emplace({issuer, SerialOf(X509_REVOKED_get0_serialNumber(entry))}, since);
    if (!fresh) place->second = std::min(place->second, since);
  }
  return absl::OkStatus();
}

absl::Status TrustStore::State::AddCrls(absl::string_view pem) {
  ASSIGN_OR_RETURN(const BioPtr bio, BioOf(pem));
  ERR_clear_error();
  while (X509CrlPtr crl{PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)}) {
    uint8_t* bytes = nullptr;
    const int size = i2d_X509_CRL(crl.get(), &bytes);  // OpenSSL keeps the bytes it read
    const std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(std::max(size, 0)));
    OPENSSL_free(bytes);
    RETURN_IF_ERROR(AddCrl(crl.get(), der));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end ? absl::OkStatus() : BadInput("CRL");
}

void TrustStore::State::TakeWindow(X509* certificate, ChainVerdict* verdict) const {
  verdict->from = std::max(verdict->from, TimeOf(X509_get0_notBefore(certificate)));
  verdict->until = std::min(verdict->until, TimeOf(X509_get0_notAfter(certificate)));
  const auto found = revoked.find(
      {NameDer(X509_get_issuer_name(certificate)), SerialOf(X509_get0_serialNumber(certificate))});
  if (found != revoked.end()) verdict->revoked = std::min(verdict->revoked, found->second);
}

ChainVerdict TrustStore::State::Judge(absl::string_view certificate_der,
                                      const absl::Time* at) const {
  ChainVerdict verdict{absl::OkStatus(), absl::InfinitePast(), absl::InfiniteFuture()};
  const X509Ptr leaf = ParseCertificate(certificate_der);
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (leaf == nullptr || context == nullptr || !has_anchor ||
      X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), intermediates.get()) != 1) {
    verdict.status = Refused("CHAIN_UNTRUSTED");
    return verdict;
  }
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  if (at != nullptr) {
    X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(*at));
  } else {
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
  }
  if (X509_verify_cert(context.get()) != 1) {
    verdict.status = Refused(ReasonOfChainError(X509_STORE_CTX_get_error(context.get())));
  } else if ((X509_get_key_usage(leaf.get()) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
    verdict.status = Refused("CERT_KEY_USAGE");
  }
  ERR_clear_error();
  const X509ChainPtr chain(X509_STORE_CTX_get1_chain(context.get()));
  for (int i = 0; i < sk_X509_num(chain.get()); ++i) {
    TakeWindow(sk_X509_value(chain.get(), i), &verdict);
  }
  return verdict;
}

TrustStore::TrustStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrustStore::~TrustStore() = default;

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::FromPem(
    absl::string_view certificates, absl::string_view crls) {
  auto state = std::make_unique<State>();
  RETURN_IF_ERROR(state->AddCertificates(certificates));
  RETURN_IF_ERROR(state->AddCrls(crls));
  return std::shared_ptr<const TrustStore>(new TrustStore(std::move(state)));
}

bool TrustStore::empty() const { return !state_->has_anchor; }

absl::Status TrustStore::Check(absl::string_view certificate_der, absl::Time at) const {
  const certs::Digest id = certs::Sm3Of(certificate_der);
  std::optional<ChainVerdict> verdict = state_->verdicts.Find(id);
  if (!verdict.has_value()) {
    verdict = state_->Judge(certificate_der, nullptr);
    state_->verdicts.Put(id, *verdict);
  }
  if (verdict->Covers(at)) return verdict->At(at);
  // Another chain may be valid at that moment: a CA renewed under the same name, its key kept or
  // not.
  const ChainVerdict then = state_->Judge(certificate_der, &at);
  if (verdict->status.ok() && !then.status.ok()) return verdict->At(at);
  if (!verdict->status.ok() && then.status.ok()) state_->verdicts.Put(id, then);
  return then.At(at);
}

}  // namespace birthseal::signer
