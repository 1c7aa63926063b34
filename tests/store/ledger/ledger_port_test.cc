// SPDX-License-Identifier: Apache-2.0
// Ports: the commands of one room, and nothing else of the ledger.
#include "store/ledger/ledger_port.h"

#include <future>
#include <type_traits>
#include <utility>
#include <variant>

#include "tests/store/ledger/ledger_fixture.h"
#include "tests/store/ledger/some_command.h"

namespace birthseal::tests {
namespace {

using absl::StatusCode;

using Feed = store::LedgerPort<store::AcceptDelivery, store::ResolveReview>;

template <class Port, class C, class = void>
struct Takes : std::false_type {};
template <class Port, class C>
struct Takes<Port, C,
             std::void_t<decltype(std::declval<const Port&>().Call(std::declval<C>())),
                         decltype(std::declval<const Port&>().CallAll(std::vector<C>()))>>
    : std::true_type {};

template <class Port, class... Commands>
size_t Taken(const std::variant<Commands...>*) {
  return (size_t{Takes<Port, Commands>::value} + ...);
}

// A port of everything: what the ledger itself would be.
template <class... Commands>
store::LedgerPort<Commands...> PortOfAll(store::Ledger& ledger, const std::variant<Commands...>*) {
  return store::LedgerPort<Commands...>(ledger);
}
template <class Port, class... Commands>
size_t Answered(const Port& port, const std::variant<Commands...>*) {
  return (port.CallAll(std::vector<Commands>{Some<Commands>()}).size() + ...);
}

constexpr const store::Command* kEveryCommand = nullptr;

class LedgerPortTest : public LedgerTest {};

TEST_F(LedgerPortTest, APortTakesItsOwnCommandsAlone) {
  EXPECT_EQ(Taken<Feed>(kEveryCommand), 2u);
  EXPECT_TRUE((Takes<Feed, store::AcceptDelivery>::value));
  EXPECT_TRUE((Takes<Feed, store::ResolveReview>::value));
  EXPECT_EQ(Taken<store::LedgerPort<store::Access>>(kEveryCommand), 1u);
  EXPECT_FALSE((Takes<Feed, store::Command>::value));
}

TEST_F(LedgerPortTest, APortGivesNeitherTheLedgerNorAnotherPort) {
  using Wider = store::LedgerPort<store::AcceptDelivery, store::ResolveReview, store::Approve>;
  EXPECT_FALSE((std::is_constructible_v<Wider, Feed>));
  EXPECT_FALSE((std::is_constructible_v<store::LedgerPort<store::Approve>, Feed>));
  EXPECT_FALSE((std::is_convertible_v<Feed&, store::Ledger&>));
  EXPECT_FALSE((std::is_convertible_v<Feed&, store::LedgerEntry<store::AcceptDelivery>&>));
  EXPECT_TRUE((std::is_copy_constructible_v<Feed>));
}

TEST_F(LedgerPortTest, EveryCommandHasAWayIn) {
  const auto all = PortOfAll(*ledger_, kEveryCommand);
  EXPECT_EQ(Answered(all, kEveryCommand), std::variant_size_v<store::Command>);
}

TEST_F(LedgerPortTest, WhatIsAskedThroughAPortIsAnsweredByTheLedger) {
  const Feed feed(*ledger_);
  const store::AcceptDelivery record = driver_.Delivery(Birth());
  const absl::StatusOr<store::DeliveryAnswer> first = feed.Call(record);
  ASSERT_OK(first);
  EXPECT_EQ(first->verdict, store::FeedVerdict::kAccepted);
  const auto again = feed.CallAll(std::vector<store::AcceptDelivery>{record, record});
  ASSERT_EQ(again.size(), 2u);
  for (const absl::StatusOr<store::DeliveryAnswer>& answer : again) {
    ASSERT_OK(answer);
    EXPECT_EQ(answer->verdict, store::FeedVerdict::kDuplicate);
    EXPECT_EQ(answer->newborn_id, first->newborn_id);
  }
  EXPECT_THAT(feed.Call(store::ResolveReview()).status(),
              StatusIs(StatusCode::kInvalidArgument, "ID_MISSING"));
}

TEST_F(LedgerPortTest, AnAnswerMayComeLater) {
  const Feed feed(*ledger_);
  std::promise<absl::StatusOr<store::DeliveryAnswer>> answered;
  feed.Submit(driver_.Delivery(Birth()), [&](absl::StatusOr<store::DeliveryAnswer> answer) {
    answered.set_value(std::move(answer));
  });
  EXPECT_OK(answered.get_future().get());
}

TEST_F(LedgerPortTest, APortKnowsWhereTheLogStands) {
  const Feed feed(*ledger_);
  driver_.Reserved(driver_.ApprovedCase(driver_.Accept(Birth())));
  EXPECT_EQ(feed.Head().size, ledger_->Head().size);
  EXPECT_EQ(feed.Head().root, ledger_->Head().root);
  EXPECT_GT(feed.Head().size.value(), 0u);
}

}  // namespace
}  // namespace birthseal::tests
