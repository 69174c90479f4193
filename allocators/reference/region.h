/* Regions: pools a program owns. Blocks are cut one behind the other from large chunks and are
   freed all at once. C linkage. A region may be used by one thread at a time. Chunks come from
   malloc, so a region of either kind works under any allocator. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct region region;

/* Returns a region whose first chunk holds at least first_chunk_bytes (0: a default), or NULL with
 * errno ENOMEM. */
region* region_create(size_t first_chunk_bytes);

/* Returns a block, aligned to a power of two (0: 16 bytes), or NULL with errno ENOMEM or EINVAL. */
void* region_alloc(region* from, size_t bytes, size_t alignment);

/* Frees every block at once. The memory stays with the region for its next blocks: the largest
   chunk, if there are several. */
void region_reset(region* which);

/* Frees every block and the region. region_destroy(NULL) does nothing. */
void region_destroy(region* which);

/* What the region took from malloc. */
size_t region_reserved_bytes(const region* of);

#ifdef __cplusplus
}
#endif
