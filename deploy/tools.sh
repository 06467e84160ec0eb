#!/usr/bin/env bash
# Programs that others wrote and that judge ours: Debian packages, and npm packages of tests/judges.
# Locally optional: a judge that is not installed is left out by `make test`, and CI installs all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

# command → Debian package
declare -A packages=([nginx]=nginx-light [wrk]=wrk [pdfsig]=poppler-utils [certutil]=libnss3-tools)

missing=()
for command in "${!packages[@]}"; do
	command -v "$command" >/dev/null || test -x "/usr/sbin/$command" || missing+=("${packages[$command]}")
done

if [ ${#missing[@]} -eq 0 ]; then
	echo "» Debian packages are there: ${packages[*]}"
elif ! command -v apt-get >/dev/null; then
	echo "» no apt-get here; install by hand if you want these judges: ${missing[*]}"
	exit 0
elif [ "$(id -u)" -ne 0 ]; then
	echo "» not root; for these judges run: sudo apt-get install --no-install-recommends ${missing[*]}"
	exit 0
else
	echo "» installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update
	apt-get -qq -y install --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ -f tests/judges/package-lock.json ]; then
	if command -v npm >/dev/null; then
		echo "» npm packages of tests/judges"
		npm ci --prefix tests/judges --ignore-scripts --no-audit --no-fund --silent
	else
		echo "» no npm here; the judges of tests/judges are left out"
	fi
fi
