#!/bin/sh
# Installs the public MCP clients that examples/tests/it/clients runs, at the versions that the
# lock files beside this name, into target/clients. Does nothing when they are there already.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cache=$here/../../../target/clients

# up_to_date FOLDER LOCK: whether the folder was filled from this very lock file, to its end.
up_to_date() {
    cmp -s "$1/lock" "$2"
}

# npm_packages NAME: what the lock file in the folder of this name wants.
npm_packages() {
    up_to_date "$cache/$1" "$here/$1/package-lock.json" && return
    mkdir -p "$cache/$1"
    rm -f "$cache/$1/lock"
    cp "$here/$1/package.json" "$here/$1/package-lock.json" "$here/$1/.npmrc" "$cache/$1/"
    npm ci --prefix "$cache/$1" --ignore-scripts --no-audit --no-fund
    cp "$here/$1/package-lock.json" "$cache/$1/lock"
}

pypi_clients() {
    up_to_date "$cache/pypi" "$here/pypi/requirements.txt" && "$cache/pypi/bin/python" -V >/dev/null && return
    rm -rf "$cache/pypi"
    mkdir -p "$cache"
    python3 -m venv "$cache/pypi"
    "$cache/pypi/bin/python" -m pip install --quiet -r "$here/pypi/requirements.txt"
    cp "$here/pypi/requirements.txt" "$cache/pypi/lock"
}

npm_packages npm
npm_packages inspector
pypi_clients
# Scripts find packages in the folders above their own.
ln -sfn ../../../../target/clients/npm/node_modules "$here/npm/node_modules"
