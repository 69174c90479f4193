// Reads what the whole machine does with its memory: meminfo, vmstat, buddyinfo, slabinfo.
#pragma once

#include "harness/sample/field_file.h"

namespace lab {

class SystemReader {
 public:
  // `proc` is the folder that holds the files: "/proc", or captured samples in tests.
  explicit SystemReader(const std::string& proc = "/proc");

  void read(Snapshot& snapshot, Nulls& nulls);

 private:
  void read_buddyinfo(Snapshot& snapshot, Nulls& nulls);
  void read_slabinfo(Snapshot& snapshot, Nulls& nulls);

  FieldFile meminfo_;
  FieldFile vmstat_;
  RereadFile buddyinfo_;
  RereadFile slabinfo_;
  bool slab_explained_ = false;
};

}  // namespace lab
