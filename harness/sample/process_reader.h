// Reads the /proc files of one process into a snapshot. See Sampler for the rules.
#pragma once

#include <sys/types.h>

#include <span>
#include <vector>

#include "harness/sample/field_file.h"
#include "harness/sample/proc_parsers.h"
#include "harness/sample/reread_file.h"
#include "harness/sample/snapshot.h"

namespace lab {

class ProcessReader {
 public:
  ProcessReader(pid_t pid, bool keep_maps);

  void read(Snapshot& snapshot, Nulls& nulls);
  void reset_peaks(Nulls& nulls);

  // The mappings at the last read(), when they are kept.
  std::span<const MapEntry> maps() const { return maps_; }

 private:
  void read_stat(Snapshot& snapshot, Nulls& nulls);
  void read_maps(Snapshot& snapshot, Nulls& nulls);

  FieldFile smaps_rollup_;
  FieldFile status_;
  FieldFile io_;
  RereadFile stat_;
  RereadFile maps_file_;
  std::string clear_refs_path_;
  FileDescriptor clear_refs_;
  bool peaks_can_be_reset_ = true;
  bool keep_maps_;
  std::vector<MapEntry> maps_;
};

}  // namespace lab
