// SPDX-License-Identifier: Apache-2.0
// Reads the fields of a SEQUENCE in order, remembering the first thing that was wrong.
//
// Values are views into the input. A reader belongs to one thread.
// Errors: Finish() says kInvalidArgument "SES_FORMAT: ..." if a field was malformed, missing or
// left over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "signer/der/der.h"

namespace birthseal::signer::der {

class Fields {
 public:
  explicit Fields(absl::string_view content) : rest_(content) {}
  // The only element of `bytes`, which must be a SEQUENCE: its fields.
  static Fields OfSequence(absl::string_view bytes);

  Element Any();
  Element Take(uint8_t tag);
  // The fields inside the next element.
  Fields Enter(uint8_t tag = kSequence);
  std::string Text(uint8_t tag) { return std::string(Take(tag).content); }
  int64_t Int();
  std::string ObjectId();
  absl::string_view Bits();
  absl::Time Time();  // UTCTime or GeneralizedTime

  bool More() const { return !failed_ && !rest_.empty(); }
  bool NextIs(uint8_t tag) const { return More() && static_cast<uint8_t>(rest_[0]) == tag; }
  void Fail(absl::string_view what);
  bool failed() const { return failed_; }
  // What was wrong here or in an inner reader that was finished into this one.
  absl::Status Finish() const;
  // Takes over the failure of an inner reader and checks that it was read to its end.
  void Close(const Fields& inner);

 private:
  template <typename T, typename Convert>
  T Value(const Element& element, Convert convert);

  absl::string_view rest_;
  bool failed_ = false;
  std::string what_;
};

// Parts that the structures of SES share.
// ExtensionDatas, passed over; the identifiers of critical ones are added to `critical`: none is
// defined, so whoever relies on the value refuses them.
void ReadExtensions(Fields* fields, std::vector<std::string>* critical);
// timeStamp [0] BIT STRING in the three forms readers know: explicit, implicit, untagged.
std::string ReadTimeStampField(Fields* fields);
// Whether a signature is r || s, as some products write it: exactly 64 bytes that are no DER.
bool IsRawSignature(absl::string_view bytes);
// Whether it is DER SEQUENCE{r,s}: two positive, minimal integers of at most 32 octets.
bool IsSignature(absl::string_view bytes);
// DER SEQUENCE{r,s} of the 64 bytes r || s.
std::string SignatureFromRaw(absl::string_view raw);

}  // namespace birthseal::signer::der
