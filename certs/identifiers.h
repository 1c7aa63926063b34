// SPDX-License-Identifier: Apache-2.0
// The numbers that name people, institutions and certificates, with their check characters.
//
// A value is built by Parse, Make or Plus, so it is a valid one or empty. Lower case and blanks are
// refused here; the number of a person's document is folded before (id_document.h). Values are
// personal data where they name people: never log them. Thread-safe: immutable values. Errors:
// kInvalidArgument names the rule, never the value.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

namespace birthseal::certs {

// What all checked identifiers share: an immutable text and its order.
template <typename Tag>
class CheckedText {
 public:
  CheckedText() = default;  // empty; no valid identifier is empty
  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend bool operator==(const CheckedText& a, const CheckedText& b) {
    return a.value_ == b.value_;
  }
  friend bool operator!=(const CheckedText& a, const CheckedText& b) { return !(a == b); }
  friend bool operator<(const CheckedText& a, const CheckedText& b) { return a.value_ < b.value_; }

 protected:
  explicit CheckedText(std::string value) : value_(std::move(value)) {}

 private:
  std::string value_;
};

// 公民身份号码, GB 11643: 6 division + 8 birth date + 3 sequence + check (ISO 7064 MOD 11-2).
class CitizenId : public CheckedText<CitizenId> {
 public:
  CitizenId() = default;
  static absl::StatusOr<CitizenId> Parse(absl::string_view text);
  absl::CivilDay birth_date() const;
  bool female() const;  // the sequence number is even

 private:
  using CheckedText::CheckedText;
};

// 统一社会信用代码, GB 32100-2015: 17 of 31 symbols and a MOD 31-3 check character.
class CreditCode : public CheckedText<CreditCode> {
 public:
  CreditCode() = default;
  static absl::StatusOr<CreditCode> Parse(absl::string_view text);

 private:
  using CheckedText::CheckedText;
};

// 出生医学证明编号: one letter (print-year series) and nine digits, of which the first two are the
// province. There is no check digit: a number is right only if it lies in received stock.
class CertificateNumber : public CheckedText<CertificateNumber> {
 public:
  CertificateNumber() = default;
  static absl::StatusOr<CertificateNumber> Parse(absl::string_view text);
  // The number `steps` further in the same series. Errors: kOutOfRange past 999999999.
  absl::StatusOr<CertificateNumber> Plus(uint64_t steps) const;
  char series() const { return value()[0]; }
  uint32_t serial() const;  // the nine digits

 private:
  using CheckedText::CheckedText;
};

// 证照标识, GB/T 36904-2018: 1.2.156.3005.2.<type 21>.<issuer 18>.<serial>.<version 3>.<check>,
// check = ISO 7064 MOD 37,36 over the parts without root and dots.
class LicenceId : public CheckedText<LicenceId> {
 public:
  LicenceId() = default;
  static absl::StatusOr<LicenceId> Parse(absl::string_view text);
  // `type_code` 21 characters (USCC of the defining body + 3), `version` 1 to 999.
  static absl::StatusOr<LicenceId> Make(absl::string_view type_code, const CreditCode& issuer,
                                        absl::string_view serial, int version);
  std::string serial() const;

 private:
  using CheckedText::CheckedText;
};

// ISO 7064 check characters over [0-9A-Z]; '\0' when a character is outside the alphabet.
char Mod11_2CheckCharacter(absl::string_view digits);
char Mod37_36CheckCharacter(absl::string_view body);

}  // namespace birthseal::certs
