# Fetching from Debian without touching the system's own apt state. To be sourced.
#
# Everything happens in a private apt state directory, and the mirror is the one that the system's
# apt is already configured for, so no host is named here and proxies keep working.

# debian_open SUITE... : prepares $debian_state (removed again when the shell exits) and reads the
# package lists. SUITE is `sid`, or `installed` for the sources of the releases the system uses.
debian_open() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg suite mirror
  if ! command -v apt-get >/dev/null || [ ! -e $keyring ]; then
    echo "backtab: this needs Debian's apt-get and its archive keyring" >&2
    return 1
  fi
  debian_state=$(mktemp -d)
  trap 'rm -rf "$debian_state"' EXIT
  mkdir -p "$debian_state"/{lists/partial,cache/archives/partial,parts}
  debian_apt=(
    -o "Dir::Etc::sourcelist=$debian_state/sources.list"
    -o "Dir::Etc::sourceparts=$debian_state/parts"
    -o "Dir::State::lists=$debian_state/lists"
    -o "Dir::Cache=$debian_state/cache"
    -o "APT::Sandbox::User=$(id -un)"
    -o Acquire::Retries=3
    -qq
  )
  for suite; do
    case $suite in
      sid)
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
          'Origin: Debian' 'Label: Debian' | sort -u | head -n 1)
        if [ -z "$mirror" ]; then
          echo "backtab: apt has no package lists; run apt-get update as root" >&2
          return 1
        fi
        printf '%s [signed-by=%s] %s sid main\n' deb "$keyring" "$mirror" deb-src "$keyring" "$mirror"
        ;;
      installed)
        apt-get indextargets --format "deb-src [signed-by=$keyring] \$(REPO_URI) \$(CODENAME) \$(COMPONENT)" \
          'Created-By: Packages' 'Origin: Debian' | sort -u
        ;;
    esac
  done >"$debian_state/sources.list"
  apt-get "${debian_apt[@]}" update
}

# debian_upstream_tarball SOURCE DIRECTORY : fetches only the upstream tarball of a source package
# and prints its path.
debian_upstream_tarball() {
  local uri file size hash
  read -r uri file size hash < <(apt-get "${debian_apt[@]}" --print-uris source --download-only \
    --only-source "$1" 2>/dev/null | grep '\.orig\.tar\.') || return 1
  uri=${uri#\'}
  /usr/lib/apt/apt-helper "${debian_apt[@]}" download-file "${uri%\'}" "$2/$file" "$hash" || return 1
  echo "$2/$file"
}
