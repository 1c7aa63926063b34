// SPDX-License-Identifier: Apache-2.0
#include "signer/der/der_fields.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::signer::der {
namespace {

// A positive INTEGER of at most 32 octets, minimal, as DER wants it.
bool IsScalar(const Element& element) {
  absl::string_view in = element.content;
  if (element.tag != kInteger || in.empty()) return false;
  if ((static_cast<uint8_t>(in[0]) & 0x80) != 0) return false;  // negative
  if (in[0] == '\0') {
    if (in.size() == 1 || (static_cast<uint8_t>(in[1]) & 0x80) == 0) return false;
    in.remove_prefix(1);
  }
  return in.size() <= 32;
}

}  // namespace

Fields Fields::OfSequence(absl::string_view bytes) {
  Fields outer(bytes);
  Fields inner = outer.Enter();
  if (outer.More()) inner.Fail("not one SEQUENCE");
  return inner;
}

Fields Fields::Enter(uint8_t tag) {
  Fields inner(Take(tag).content);
  inner.failed_ = failed_;
  inner.what_ = what_;
  return inner;
}

void Fields::Fail(absl::string_view what) {
  if (!failed_) what_ = std::string(what);
  failed_ = true;
}

Element Fields::Any() {
  if (failed_) return Element{};
  absl::StatusOr<Element> element = Read(&rest_);
  if (element.ok()) return *element;
  Fail(element.status().message());
  return Element{};
}

Element Fields::Take(uint8_t tag) {
  if (failed_) return Element{};
  absl::StatusOr<Element> element = Expect(&rest_, tag);
  if (element.ok()) return *element;
  Fail(element.status().message());
  return Element{};
}

template <typename T, typename Convert>
T Fields::Value(const Element& element, Convert convert) {
  if (failed_) return T{};
  absl::StatusOr<T> value = convert(element);
  if (value.ok()) return *std::move(value);
  Fail(value.status().message());
  return T{};
}

int64_t Fields::Int() { return Value<int64_t>(Any(), ToInteger); }
std::string Fields::ObjectId() { return Value<std::string>(Any(), ToOid); }
absl::string_view Fields::Bits() { return Value<absl::string_view>(Any(), ToBitString); }
absl::Time Fields::Time() { return Value<absl::Time>(Any(), ToTime); }

absl::Status Fields::Finish() const {
  if (!failed_ && rest_.empty()) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "SES_FORMAT",
                      absl::StrCat("SES_FORMAT: ", failed_ ? what_ : "bytes left over"));
}

void Fields::Close(const Fields& inner) {
  if (inner.failed_) {
    Fail(inner.what_);
  } else if (!inner.rest_.empty()) {
    Fail("bytes left over");
  }
}

void ReadExtensions(Fields* fields, std::vector<std::string>* critical) {
  Fields list = fields->Enter();
  while (list.More()) {
    Fields extension = list.Enter();
    const std::string id = extension.ObjectId();
    // Products write critical FALSE out although DER omits a default.
    if (extension.NextIs(kBoolean)) {
      const absl::string_view value = extension.Take(kBoolean).content;
      if (value == "\xFF") {
        critical->push_back(id);
      } else if (value != absl::string_view("\0", 1)) {
        extension.Fail("BOOLEAN");
      }
    }
    extension.Take(kOctetString);
    list.Close(extension);
  }
  fields->Close(list);
}

std::string ReadTimeStampField(Fields* fields) {
  if (fields->NextIs(kContext0)) {
    Fields holder = fields->Enter(kContext0);
    std::string token(holder.Bits());
    fields->Close(holder);
    return token;
  }
  if (fields->NextIs(kContext0Primitive)) {
    const absl::string_view content = fields->Take(kContext0Primitive).content;
    if (content.empty() || content[0] != '\0') fields->Fail("timeStamp");
    return content.empty() ? "" : std::string(content.substr(1));
  }
  return std::string(fields->Bits());
}

bool IsRawSignature(absl::string_view bytes) {
  if (bytes.size() != 64) return false;
  // The first byte of r may well be the tag of a SEQUENCE.
  return !Expect(&bytes, kSequence).ok() || !bytes.empty();
}

bool IsSignature(absl::string_view bytes) {
  absl::StatusOr<Element> sequence = Expect(&bytes, kSequence);
  if (!sequence.ok() || !bytes.empty()) return false;
  absl::string_view rest = sequence->content;
  for (int i = 0; i < 2; ++i) {
    absl::StatusOr<Element> scalar = Read(&rest);
    if (!scalar.ok() || !IsScalar(*scalar)) return false;
  }
  return rest.empty();
}

std::string SignatureFromRaw(absl::string_view raw) {
  std::string content;
  for (absl::string_view half : {raw.substr(0, 32), raw.substr(32)}) {
    while (half.size() > 1 && half[0] == '\0') half.remove_prefix(1);
    const bool high = (static_cast<uint8_t>(half[0]) & 0x80) != 0;
    content += Tlv(kInteger, absl::StrCat(high ? std::string(1, '\0') : "", half));
  }
  return Tlv(kSequence, content);
}

}  // namespace birthseal::signer::der
