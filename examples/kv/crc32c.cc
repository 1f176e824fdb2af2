#include "crc32c.h"

#include <array>
#include <cstddef>

namespace kv {
namespace {

constexpr uint32_t kReflectedPolynomial = 0x82F63B78;

// kTables[k][b] is the effect of byte b followed by k zero bytes: four bytes are taken per step.
constexpr std::array<std::array<uint32_t, 256>, 4> MakeTables() {
  std::array<std::array<uint32_t, 256>, 4> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReflectedPolynomial : 0);
    }
    tables[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (size_t k = 1; k < tables.size(); ++k) {
      const uint32_t shorter = tables[k - 1][byte];
      tables[k][byte] = (shorter >> 8) ^ tables[0][shorter & 0xFF];
    }
  }
  return tables;
}

constexpr auto kTables = MakeTables();

uint32_t Byte(std::string_view data, size_t index) { return static_cast<uint8_t>(data[index]); }

}  // namespace

uint32_t Crc32c(std::string_view data, uint32_t previous) {
  uint32_t crc = ~previous;
  while (data.size() >= 4) {
    crc ^= Byte(data, 0) | Byte(data, 1) << 8 | Byte(data, 2) << 16 | Byte(data, 3) << 24;
    crc = kTables[3][crc & 0xFF] ^ kTables[2][(crc >> 8) & 0xFF] ^ kTables[1][(crc >> 16) & 0xFF] ^
          kTables[0][crc >> 24];
    data.remove_prefix(4);
  }
  for (size_t i = 0; i < data.size(); ++i) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ Byte(data, i)) & 0xFF];
  }
  return ~crc;
}

}  // namespace kv
