#!/usr/bin/env bash
# fetch-debian-source.sh PACKAGE DIRECTORY
#
# Unpacks the upstream source of a Debian package of this system's release into DIRECTORY, without
# the packager's own changes: what the project's authors wrote is what has to compile. Does nothing
# when DIRECTORY is there already.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/debian.sh"

if [ $# -ne 2 ]; then
  echo "usage: fetch-debian-source.sh PACKAGE DIRECTORY" >&2
  exit 2
fi
package=$1 directory=$2
[ ! -d "$directory" ] || exit 0

debian_open installed
mkdir -p "$(dirname "$directory")"
part=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$part" "$debian_state"' EXIT
tarball=$(debian_upstream_tarball "$package" "$part") || {
  echo "backtab: the source of Debian package $package could not be fetched" >&2
  exit 1
}
mkdir "$part/source"
tar -xf "$tarball" -C "$part/source" --strip-components=1
mv -T "$part/source" "$directory"
