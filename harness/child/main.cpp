// alloclab-child EXPERIMENT ALLOCATOR SEED [PARAM=VALUE…]: the measured process. Proves which library
// serves malloc, runs one body, and does nothing else: no JSON, no logging, no reading of /proc.
#include "harness/child/serve.h"

int main(int argc, char** argv) { lab::child::serve(argc, argv); }
