// SPDX-License-Identifier: Apache-2.0
// The fields of a request, at any depth, as a refusal names them; and the ways to spoil one.
// Walks descriptors, so that a new field is spoilt by the tests of today. Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace birthseal::tests {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A field that holds a value, no message, and the messages that lead to it.
struct Place {
  std::string name;  // "items[0].issuer.signature"
  std::vector<const FieldDescriptor*> way;
  const FieldDescriptor* field;

  Message* In(Message* request) const {
    for (const FieldDescriptor* step : way) {
      const auto* reflection = request->GetReflection();
      request = step->is_repeated() ? reflection->MutableRepeatedMessage(request, step, 0)
                                    : reflection->MutableMessage(request, step);
    }
    return request;
  }
};

// Every place of a good request, in which every message is there, and every list has an entry.
// `missing` is told of those that are not.
inline void AddPlaces(const Message& message, const std::string& prefix,
                      std::vector<const FieldDescriptor*> way, std::vector<Place>* places,
                      std::vector<std::string>* missing) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    const std::string name = prefix + field->name();
    if (field->real_containing_oneof() != nullptr && !reflection.HasField(message, field)) continue;
    if (field->is_repeated() && reflection.FieldSize(message, field) == 0) {
      missing->push_back(name);
    } else if (field->message_type() == nullptr) {
      places->push_back({name, way, field});
    } else if (!field->is_repeated() && !reflection.HasField(message, field)) {
      missing->push_back(name);
    } else {
      way.push_back(field);
      const Message& next = field->is_repeated() ? reflection.GetRepeatedMessage(message, field, 0)
                                                 : reflection.GetMessage(message, field);
      AddPlaces(next, absl::StrCat(name, field->is_repeated() ? "[0]." : "."), way, places,
                missing);
      way.pop_back();
    }
  }
}

inline void SetText(Message* in, const FieldDescriptor* field, const std::string& text) {
  const auto& reflection = *in->GetReflection();
  if (field->is_repeated()) return reflection.SetRepeatedString(in, field, 0, text);
  reflection.SetString(in, field, text);
}
inline void SetEnum(Message* in, const FieldDescriptor* field, int value) {
  const auto& reflection = *in->GetReflection();
  if (field->is_repeated()) return reflection.SetRepeatedEnumValue(in, field, 0, value);
  reflection.SetEnumValue(in, field, value);
}

struct Spoilt {
  const char* how;
  std::function<void(Message* in, const FieldDescriptor* field)> spoil;
};

// Longer than any field but files and raw messages may be, and shorter than any request.
inline constexpr size_t kTooLong = 1100;

// Ways to make a value that no request may have. None: every value of its type is one.
inline std::vector<Spoilt> WaysToSpoil(const FieldDescriptor& field) {
  const Spoilt too_long{"too long", [](Message* in, const FieldDescriptor* of) {
                          SetText(in, of, std::string(kTooLong, 'x'));
                        }};
  switch (field.type()) {
    case FieldDescriptor::TYPE_STRING:
      return {too_long, {"not plain", [](Message* in, const FieldDescriptor* of) {
                           SetText(in, of, "a\nb");
                         }}};
    case FieldDescriptor::TYPE_BYTES:
      return {too_long};
    case FieldDescriptor::TYPE_ENUM:
      return {
          {"no such value", [](Message* in, const FieldDescriptor* of) { SetEnum(in, of, 77); }}};
    case FieldDescriptor::TYPE_INT32:
      return {
          {"below", [](Message* in,
                       const FieldDescriptor* of) { in->GetReflection()->SetInt32(in, of, -1); }},
          {"above", [](Message* in, const FieldDescriptor* of) {
             in->GetReflection()->SetInt32(in, of, 1 << 30);
           }}};
    default:
      return {};
  }
}

// As if it had not been sent; a member of a oneof stays the one that is.
inline void Empty(Message* in, const FieldDescriptor* field) {
  switch (field->type()) {
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
      return SetText(in, field, "");
    case FieldDescriptor::TYPE_ENUM:
      return SetEnum(in, field, 0);
    default:
      in->GetReflection()->ClearField(in, field);
  }
}

}  // namespace birthseal::tests
