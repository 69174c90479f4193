#include "harness/record/plan.h"

#include <cstdio>

namespace lab {

namespace {

// FNV-1a: a fingerprint that tells plans apart, not a protection against forgery.
class Digest {
 public:
  void add(std::string_view text) {
    for (const char c : text) step(static_cast<unsigned char>(c));
    step(0);
  }
  void add(const Settings& settings) {
    for (const auto& [name, value] : settings) {
      add(name);
      add(value);
    }
  }
  void add(const Case& planned) {
    for (const auto* text : {&planned.experiment, &planned.allocator, &planned.arm}) add(*text);
    add(planned.params);
    add(planned.knobs);
  }
  std::string hex() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash_));
    return text;
  }

 private:
  void step(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace

std::string_view value_of(const Settings& settings, std::string_view name) {
  for (const auto& [key, value] : settings)
    if (key == name) return value;
  return {};
}

std::vector<Setting> borrowed(const Settings& settings) {
  std::vector<Setting> views;
  for (const auto& [name, value] : settings) views.push_back({name, value});
  return views;
}

std::string Case::point_key() const {
  std::string key = experiment;
  for (const auto& [name, value] : params) key += '\n' + name + '=' + value;
  return key;
}

std::string Plan::id() const {
  Digest digest;
  digest.add(std::to_string(seed));
  for (const Case& planned : cases) digest.add(planned);
  for (const PlannedSearch& search : searches) {
    digest.add(search.name + ' ' + std::to_string(search.low) + ' ' + std::to_string(search.high));
    for (const Case& planned : search.cases) digest.add(planned);
  }
  return digest.hex();
}

}  // namespace lab
