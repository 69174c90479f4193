// The plan as data: which cases, in how many blocks, and which searches. Built by run/planner,
// written to the manifest, read back by --resume and --extend.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/contract/point.h"

namespace lab {

using Settings = std::vector<std::pair<std::string, std::string>>;

// Returns the value of `name`, or an empty text.
std::string_view value_of(const Settings& settings, std::string_view name);

// The same settings as the contract names them. Borrows `settings`.
std::vector<Setting> borrowed(const Settings& settings);

// One parameter point + one allocator + one knob point, under one arm.
struct Case {
  std::string id;
  std::string experiment;
  std::string allocator;
  std::string arm;
  Settings params;
  Settings knobs;

  // Equal for the cases that differ only in what a comparison varies: arm, allocator, knobs.
  std::string point_key() const;
};

// A search as planned: one bisection per `cases` entry, whose searched parameter is set by the probe.
struct PlannedSearch {
  std::string experiment;
  std::string name;
  std::string param;
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::int64_t step = 1;
  std::vector<Case> cases;
};

struct Shard {
  int index = 1;
  int count = 1;
};

struct Extension {
  std::string at;
  int blocks = 0;
  std::string reason;
};

struct Plan {
  std::uint64_t seed = 1;
  int blocks = 1;
  Shard shard;
  std::vector<Case> cases;
  std::vector<PlannedSearch> searches;
  std::vector<Extension> extensions;

  // A digest of everything that decides which runs are made: cases, searches and seed.
  std::string id() const;
};

}  // namespace lab
