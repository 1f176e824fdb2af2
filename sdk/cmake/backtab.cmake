# CMake toolchain file: builds a CMake project into WASI 0.2 components.
#
#   cmake -S . -B build -DCMAKE_TOOLCHAIN_FILE=…/sdk/cmake/backtab.cmake
#
# Executables are named NAME.wasm; ctest runs them with `backtab run`. `./backtab setup` must have
# been run. Libraries built for WASI elsewhere are found below CMAKE_FIND_ROOT_PATH.
cmake_minimum_required(VERSION 3.20)

set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")

get_filename_component(backtab_root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
if(DEFINED ENV{BACKTAB_TOOLCHAIN})
  set(backtab_toolchain "$ENV{BACKTAB_TOOLCHAIN}")
else()
  set(backtab_toolchain "${backtab_root}/.toolchain")
endif()
if(NOT EXISTS "${backtab_toolchain}/driver.conf")
  message(FATAL_ERROR "The C++ toolchain is not set up; run ${backtab_root}/backtab setup")
endif()
file(STRINGS "${backtab_toolchain}/driver.conf" backtab_configuration)
foreach(backtab_line IN LISTS backtab_configuration)
  if(backtab_line MATCHES "^(archiver|names|ranlib|sysroot)=(.*)$")
    set(backtab_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
  endif()
endforeach()

set(CMAKE_C_COMPILER "${backtab_toolchain}/bin/backtab-cc")
set(CMAKE_CXX_COMPILER "${backtab_toolchain}/bin/backtab-c++")
set(CMAKE_ASM_COMPILER "${backtab_toolchain}/bin/backtab-cc")
set(CMAKE_AR "${backtab_archiver}" CACHE FILEPATH "Archiver")
set(CMAKE_RANLIB "${backtab_ranlib}" CACHE FILEPATH "Archive indexer")
set(CMAKE_NM "${backtab_names}" CACHE FILEPATH "Symbol lister")

# The build machine's programs may be used; its headers and libraries may not.
list(APPEND CMAKE_FIND_ROOT_PATH "${backtab_sysroot}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(CMAKE_CROSSCOMPILING_EMULATOR "${backtab_root}/backtab;run")
