/* Statistics and heap walk of the reference allocator. C linkage; neither allocates. Numbers are
   exact when no other thread allocates or frees meanwhile (a quiet point); at any other time the
   calls must not be made.

   The equation, exact at a quiet point:
     mapped = metadata + block + cached + retained + stranded          dirty <= retained
     block  = sum of classes[].block_bytes + large_bytes + direct_bytes
     cached = sum of classes[].cached_bytes + kept_span_bytes + direct_slack_bytes */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REFERENCE_CLASSES 68
#define REFERENCE_UNKNOWN ((size_t)-1)

struct reference_class_statistics {
  size_t class_bytes; /* size of a block of the class */
  size_t slabs;
  size_t live_blocks;  /* blocks the program holds */
  size_t block_bytes;  /* live_blocks * class_bytes */
  size_t cached_bytes; /* the rest of its slabs: free blocks, blocks travelling home, tail */
};

struct reference_totals {
  size_t mapped_bytes;   /* address space taken from the OS */
  size_t metadata_bytes; /* headers, thread caches, the map of headers */
  size_t live_bytes; /* what the program asked for; REFERENCE_UNKNOWN below check level 2: it is not
                        stored */
  size_t block_bytes;    /* blocks the program holds, at the size it was given */
  size_t cached_bytes;   /* free, but in slabs or with a thread */
  size_t retained_bytes; /* free, for everybody: spans and extents, resident or not */
  size_t stranded_bytes; /* address space the OS refused to take back; 0 unless it ran out of
                            mappings */
  size_t dirty_bytes;    /* the part of retained that may be resident */

  size_t live_blocks;
  size_t large_bytes;
  size_t direct_bytes;
  size_t direct_slack_bytes;
  size_t kept_span_bytes;
  struct reference_class_statistics classes[REFERENCE_CLASSES];
};

void reference_statistics(struct reference_totals* into);

enum reference_span_kind {
  REFERENCE_SLAB,
  REFERENCE_LARGE,
  REFERENCE_DIRECT,
  REFERENCE_KEPT, /* free, with a thread */
  REFERENCE_CACHE /* what a thread keeps its blocks in */
};

struct reference_span {
  enum reference_span_kind kind;
  const void* start;
  size_t span_bytes;
  size_t class_bytes; /* size of one block; 0 where there is none */
  size_t capacity;    /* blocks */
  size_t live_blocks; /* blocks travelling home or with a thread count as live */
};

/* The share of the span that live blocks take: live_blocks * class_bytes / span_bytes. */
typedef void (*reference_span_visitor)(const struct reference_span* span, void* context);

/* Calls visit for every span in use. Visit must not allocate or free. */
void reference_walk(reference_span_visitor visit, void* context);

#ifdef __cplusplus
}
#endif
