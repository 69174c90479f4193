// The functions under test, the same for two builds: subject_layers.cpp takes them from allocate.h
// on an operating system that can be made to fail, subject_interface.cpp from the C names.
// Thread-safe, but for require_equations.
#pragma once

#include <cstddef>

namespace trust::subject {

void* allocate(std::size_t bytes);
void* allocate_zeroed(std::size_t count, std::size_t bytes);
void* allocate_aligned(std::size_t alignment, std::size_t bytes);
// Like posix_memalign: returns nullptr instead of an error.
void* allocate_posix(std::size_t alignment, std::size_t bytes);
void* reallocate(void* block, std::size_t bytes);
void deallocate(void* block);
std::size_t usable_bytes(void* block);
void trim();

// Lets the purge clock go on, where there is one of our own.
void pass_time(unsigned ms);

// Ends the program unless the statistics add up, and to what the OS was asked for. Requires: a
// quiet point.
void require_equations();

}  // namespace trust::subject
