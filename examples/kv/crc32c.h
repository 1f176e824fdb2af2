// CRC-32C (Castagnoli), the checksum of the log's frames.
#ifndef EXAMPLES_KV_CRC32C_H_
#define EXAMPLES_KV_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace kv {

// The checksum of `data`. `previous` is the checksum of what came before it, so that
// Crc32c(b, Crc32c(a)) equals the checksum of a and b joined.
uint32_t Crc32c(std::string_view data, uint32_t previous = 0);

}  // namespace kv

#endif  // EXAMPLES_KV_CRC32C_H_
