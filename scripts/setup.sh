# shellcheck shell=sh
# Sourced with $root set: installs and builds what is missing or stale. Words go to stderr; a finished set-up costs one find.

# 126, "cannot be executed", so that nobody takes a failed set-up for a verdict.
fail() {
  printf 'ckpt-run: %s\n' "$1" >&2
  exit 126
}

# A link is somebody's own arrangement: npm would empty what it points to.
must_install() {
  [ ! -L "$root/node_modules" ] || return 1
  [ ! -f "$root/node_modules/.package-lock.json" ] || [ "$root/package-lock.json" -nt "$root/node_modules/.package-lock.json" ]
}

# Directories count too: deleting a file makes its directory newer.
# shellcheck disable=SC2046 # One word a line.
must_build() {
  [ ! -f "$root/dist/.stamp" ] ||
    [ -n "$(cd -- "$root" && find $(cat scripts/build/sources) -newer dist/.stamp 2>/dev/null)" ]
}

# Prints a command's output only when it fails.
quietly() {
  output=$("$@" 2>&1 </dev/null) || {
    printf '%s\n' "$output" >&2
    return 1
  }
}

check_node() {
  version=$(node --version)
  major=${version#v}
  minor=${major#*.}
  major=${major%%.*}
  minor=${minor%%.*}
  [ "$major" -gt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; } ||
    fail "Node.js 20.19 or newer is needed, and this is $version: install it from https://nodejs.org."
}

install_packages() {
  command -v npm >/dev/null || fail 'npm is not found: it comes with Node.js; install both from https://nodejs.org.'
  echo 'ckpt-run: installing…' >&2
  # NODE_ENV=production must not leave the build's own tools out.
  (cd -- "$root" && quietly npm ci --ignore-scripts --include=dev --no-audit --no-fund) ||
    fail 'npm ci failed, see above.'
}

build_dist() {
  echo 'ckpt-run: building…' >&2
  (cd -- "$root" && quietly node --import tsx scripts/build.ts) || fail 'the build failed, see above.'
}

check_writable() {
  [ -w "$root" ] || fail "cannot write to $root, where packages and the build go."
}

# Without flock(1) the lock is a link whose target is its owner's process id.
lock_with_link() {
  link=$root/.dist-lock
  until ln -s "$$" "$link" 2>/dev/null; do
    if kill -0 "$(readlink "$link" || echo $$)" 2>/dev/null; then sleep 0.2; else rm -f "$link"; fi
  done
  trap 'rm -f "$link"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

lock() {
  flock 9 2>/dev/null || lock_with_link
}

# Asked again under the lock: whoever waited for another set-up finds nothing left to do.
set_up() (
  check_writable
  lock
  check_node
  if must_install; then install_packages; fi
  if must_build; then build_dist; fi
) 9<"$root/package.json"

command -v node >/dev/null || fail 'Node.js is not found: install version 20.19 or newer from https://nodejs.org.'
if must_install || must_build; then set_up; fi
