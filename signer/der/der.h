// SPDX-License-Identifier: Apache-2.0
// Strict DER, just what SES (GB/T 38540) needs: writer and reader of TLVs.
//
// The reader keeps views into the input, so what is hashed is always the original bytes.
// Thread-safe: pure. Errors: kInvalidArgument "DER", which says what is wrong.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace birthseal::signer {

namespace der {
inline constexpr uint8_t kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04,
                         kOid = 0x06, kUtf8 = 0x0C, kPrintable = 0x13, kIa5 = 0x16, kUtcTime = 0x17,
                         kGeneralizedTime = 0x18, kSequence = 0x30, kSet = 0x31, kContext0 = 0xA0,
                         kContext0Primitive = 0x80, kContext1 = 0xA1;

std::string Tlv(uint8_t tag, absl::string_view content);
std::string Integer(uint64_t value);
std::string Oid(absl::string_view dotted);
std::string BitString(absl::string_view bytes);  // no unused bits
std::string GeneralizedTime(absl::Time time);    // YYYYMMDDhhmmssZ

struct Element {
  uint8_t tag = 0;
  absl::string_view whole;  // with header
  absl::string_view content;
};
// Reads one element from the front of `*rest` and removes it; minimal lengths only.
absl::StatusOr<Element> Read(absl::string_view* rest);
absl::StatusOr<Element> Expect(absl::string_view* rest, uint8_t tag);
// Contents.
absl::StatusOr<int64_t> ToInteger(const Element& element);
absl::StatusOr<std::string> ToOid(const Element& element);
absl::StatusOr<absl::string_view> ToBitString(const Element& element);  // unused bits must be 0
absl::StatusOr<absl::Time> ToTime(const Element& element);  // UTCTime or GeneralizedTime
}  // namespace der

}  // namespace birthseal::signer
