// A library whose malloc aborts: preloaded by a test.
#include <cstdlib>

extern "C" void* malloc(std::size_t) { std::abort(); }
