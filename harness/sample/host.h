// What this machine is: everything that must be equal, or at least known, when results are
// compared. Reads files and asks the system; changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

// One fact: a text or a number, or neither and the reason.
struct Fact {
  std::string name;  // snake_case; ends in its unit when it is a quantity
  std::optional<std::string> text = {};
  std::optional<std::int64_t> number = {};
  std::string reason = {};  // why there is no value

  bool known() const { return text || number; }
};

class HostFacts {
 public:
  void add(Fact fact) { facts_.push_back(std::move(fact)); }

  const std::vector<Fact>& all() const { return facts_; }
  // Returns the fact called `name`, or nullptr.
  const Fact* find(std::string_view name) const;
  // Its text, or its number in decimal; empty when it is not known.
  std::string value(std::string_view name) const;

 private:
  std::vector<Fact> facts_;
};

// Takes a few milliseconds. Never throws: what cannot be read is a fact without a value.
HostFacts read_host();

}  // namespace lab
