// Makes the process quiet: everything the lab itself will need between marks is present before the
// first one, so that a phase holds the workload's faults and nobody else's.
#pragma once

namespace lab::child {

// Frees libstdc++'s emergency pool (72 KiB live since before main), which would otherwise sit in the
// heap under test. Harmless when the library has no such call.
void free_standard_library_pool();

// Makes all file pages of all loaded objects present (read only: no page is copied), this program's
// own writable data, and some stack. Returns false when a range could not be populated.
bool make_present();

}  // namespace lab::child
