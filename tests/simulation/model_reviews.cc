// SPDX-License-Identifier: Apache-2.0
// Decisions about records in review: no baby is put in another one's place unless a person says so.
#include "tests/simulation/model.h"

namespace birthseal::simulation {

using store::WhoseRecord;

namespace {

template <class Tag>
std::string Text(const certs::Id<Tag>& id) {
  return std::string(View(id));
}

template <typename Command>
std::pair<int64_t, int> BirthOf(const Command& command) {
  return {command.birth.day, command.birth.order};
}

}  // namespace

// The first record of a newborn (a merged number takes nobody's place), and what updates it without
// a doubt, says when and in which place it was born.
void Model::LearnBirth(const store::AcceptDelivery& command, const store::DeliveryAnswer& said) {
  if (command.event == store::FeedEvent::kAlias) first_records_.insert(Text(said.delivery_id));
  if (command.event != store::FeedEvent::kRecord) return;
  std::set<std::pair<int64_t, int>>& births = births_[Text(said.newborn_id)];
  const bool made = said.newborn_id == command.new_newborn_id || births.empty();
  if (made) first_records_.insert(Text(said.delivery_id));
  const store::FeedVerdict first =
      said.verdict == store::FeedVerdict::kDuplicate ? said.first_verdict : said.verdict;
  const bool clear = first == store::FeedVerdict::kAccepted && said.defects.empty();
  if (made || clear) births.insert(BirthOf(command));
}

void Model::SentDecision(const store::ResolveReview& command) {
  if (!command.accept) return;
  const std::string id = Text(command.delivery_id);
  if (command.whose == WhoseRecord::kAnotherNewborn) {
    leaving_[id].insert(Text(command.new_newborn_id));
    births_[Text(command.new_newborn_id)].insert(BirthOf(command));
  } else if (command.whose == WhoseRecord::kSameNewborn || first_records_.count(id) > 0) {
    births_[deliveries_[id]].insert(BirthOf(command));
  }
}

void Model::AnsweredOne(const store::ResolveReview& command, const store::AnyAnswer& answer) {
  Settled(certs::Bytes(command.request_key), answer);
  if (!answer.status.ok() || !command.accept) return;
  const auto* said = std::get_if<store::DeliveryAnswer>(&answer.value);
  if (said == nullptr) return Fail("a decision without an answer");
  const std::string id = Text(command.delivery_id), newborn = Text(said->newborn_id);
  SameAnswer("decide " + certs::Bytes(command.request_key), newborn + Text(said->delivery_id));
  if (leaving_[id].count(newborn) > 0) deliveries_[id] = newborn;
  if (deliveries_[id] != newborn) Fail("a decision moved a record that nobody told to move");
  deliveries_[Text(said->delivery_id)] = newborn;
  newborns_.insert(newborn);
  fresh_newborns_.insert(newborn);
  const bool own = first_records_.count(id) > 0;
  if (command.whose == WhoseRecord::kUnsaid && !own &&
      births_[newborn].count(BirthOf(command)) == 0) {
    Fail("a decision put another birth in a newborn's place unasked");
  }
}

}  // namespace birthseal::simulation
