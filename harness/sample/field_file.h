// A kernel file of "Key: value" lines and the metrics read from it: those whose source begins with
// the file's name in the metric table. Source "FILE A+B" is a sum, "FILE A|B" whichever is there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sample/reread_file.h"
#include "harness/sample/snapshot.h"

namespace lab {

// Why metrics have no value, by metric name.
using Nulls = std::map<std::string_view, std::string>;

// Which keys of one file make which metrics.
class FieldTable {
 public:
  explicit FieldTable(std::string_view file);

  // Sets every metric whose fields are in `text`; leaves the others alone.
  void parse(std::string_view text, Snapshot& snapshot) const;

  // Gives every metric of the table that `snapshot` lacks the reason `why`.
  void explain_missing(const Snapshot& snapshot, const std::string& why, Nulls& nulls) const;

 private:
  struct Part {
    std::string_view key;
    int metric;
    bool summed;  // with the part before it
  };
  static constexpr std::size_t kMaxParts = 32;
  std::vector<Part> parts_;
};

class FieldFile {
 public:
  // `table` must outlive this object.
  FieldFile(std::string path, const FieldTable& table) : file_(std::move(path)), table_(&table) {}

  void read(Snapshot& snapshot, Nulls& nulls);

 private:
  RereadFile file_;
  const FieldTable* table_;
  bool explained_ = false;
};

// Returns the part of a metric's source after "FILE ", or nothing when it is read elsewhere.
std::optional<std::string_view> source_in(const Metric& metric, std::string_view file);

}  // namespace lab
