// Reads the memory cgroup of a run, version 1 or 2: the metric table's sources name the files of
// both, "FILE" or "FILE:KEY", and the one that gives a value at the first read is kept.
#pragma once

#include <string>
#include <vector>

#include "harness/sample/field_file.h"

namespace lab {

class CgroupReader {
 public:
  explicit CgroupReader(const std::string& folder);

  void read(Snapshot& snapshot, Nulls& nulls);

 private:
  struct Reading {
    int metric;
    RereadFile file;
    std::string_view key;  // empty: the file is one number
  };
  static std::optional<std::int64_t> value_of(Reading& reading);
  void choose(Nulls& nulls);

  std::string folder_;
  FieldFile memory_stat_;
  std::vector<Reading> readings_;
  bool chosen_ = false;
};

}  // namespace lab
