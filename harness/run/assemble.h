// From what was read at the marks to the phases of a record. Pure.
#pragma once

#include <span>

#include "harness/run/active_run.h"

namespace lab {

// Fills at_start, phases, nulls and histograms of `record` from the marks and the shared pages.
void assemble(RunRecord& record, const Job& job, std::span<const MarkReading> marks,
              const protocol::SharedPages& pages,
              const std::map<std::string_view, std::string>& nulls);

}  // namespace lab
