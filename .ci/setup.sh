# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Set-up that ./quickstart and ./check share: sourced, from the top of the checkout.
#
# Only what is missing is installed, so that a second run asks no network and no root.

say() { printf '%s\n' "$*"; }

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

# What the program needs to be built and used, and what the checks need on top: Debian packages,
# and the commands and pkg-config modules by which the same is found elsewhere.  Without gnuplot the
# program does all but draw, and says so, so that elsewhere only the checks insist on it.
build_packages='gcc libc6-dev meson ninja-build pkg-config python3-minimal libzstd-dev
	libsqlite3-dev libxxhash-dev libyaml-dev zlib1g-dev gnuplot-nox fonts-dejavu-core sqlite3 zstd'
build_commands='cc meson ninja pkg-config python3 sqlite3 zstd'
build_modules='libzstd sqlite3 libxxhash yaml-0.1'
check_packages='libcriterion-dev libtracecmd-dev libtraceevent-dev libtracefs-dev clang clang-format
	clang-tidy mandoc python3-jsonschema python3-yaml'
check_commands='gcc clang clang-format clang-tidy mandoc gnuplot'
check_modules='criterion'

missing_packages() {
	for p in "$@"; do
		case $(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null) in
		installed) ;;
		*) printf '%s ' "$p" ;;
		esac
	done
}

apt_get() {
	if [ "$(id -u)" = 0 ]; then
		DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@"
	else
		sudo env DEBIAN_FRONTEND=noninteractive \
			apt-get -qq -o DPkg::Lock::Timeout=120 "$@"
	fi
}

# apt-get is long-winded; its output is shown when it failed only, and then its last lines.
apt_quietly() {
	log=$(mktemp) || die "can't make a temporary file"
	if ! apt_get "$@" >"$log" 2>&1 </dev/null; then
		tail -n 5 "$log" >&2
		rm -f "$log"
		die "apt-get $1 failed (its last lines are above); install by hand: $missing"
	fi
	rm -f "$log"
}

need_packages() {
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	missing=${missing% }
	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1 ||
		die "not root and no sudo; ask somebody who is to run: apt-get install $missing"
	say "Installing: $missing"
	apt_quietly update
	# shellcheck disable=SC2086 # a list of words
	apt_quietly install -y --no-install-recommends $missing
}

need_commands() {
	for c in "$@"; do
		command -v "$c" >/dev/null 2>&1 ||
			die "no command '$c' here; this is not Debian, so install it by your own means"
	done
}

need_modules() {
	for m in "$@"; do
		pkg-config --exists "$m" ||
			die "pkg-config finds no '$m'; this is not Debian, so install its headers by your own means"
	done
}

# set_up build | set_up check
set_up() {
	if command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
		# shellcheck disable=SC2086
		case $1 in
		build) need_packages $build_packages ;;
		check) need_packages $build_packages $check_packages ;;
		esac
		return
	fi
	# shellcheck disable=SC2086
	need_commands $build_commands
	# shellcheck disable=SC2086
	need_modules $build_modules
	if [ "$1" = check ]; then
		# shellcheck disable=SC2086
		need_commands $check_commands
		# shellcheck disable=SC2086
		need_modules $check_modules
	fi
}

# configure DIR MESON-OPTION...: a build directory, made if it is not there yet.  One that belongs to
# a checkout since moved or removed is made again.
configure() {
	dir=$1
	shift
	if [ -f "$dir/build.ninja" ] &&
	   grep -qsF -- "$PWD/meson.build" "$dir/meson-info/intro-buildsystem_files.json"; then
		return 0
	fi
	rm -rf "$dir"
	mkdir -p "$dir"
	meson setup "$dir" "$@" >"$dir/setup.log" 2>&1 </dev/null || {
		tail -n 5 "$dir/setup.log" >&2
		die "meson could not configure $dir (its last lines are above, all of them in $dir/setup.log)"
	}
}
