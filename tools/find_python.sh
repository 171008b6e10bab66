#!/bin/sh
# Print the Python that .venv is made with: PYTHON if it is set, else that of .venv as it is, else the
# first on the path from 3.11 to 3.14 (the releases requirements.lock is made for) or anything newer.
suits() {
    "$1" -c "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < $2)" 2>/dev/null
}
names="${PYTHON:-.venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python}"
for below in "(3, 15)" "(4, 0)"; do
    for name in $names; do
        if path=$(command -v "$name") && suits "$path" "$below"; then
            echo "$path"
            exit 0
        fi
    done
done
{
    echo "No Python from 3.11 to 3.14 with the module venv was found. Found instead:"
    for name in $names; do
        if path=$(command -v "$name"); then
            echo "  $path: $("$path" --version 2>&1 | head -n 1)"
        fi
    done
    echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it:"
    echo "  make PYTHON=/path/to/python3.12 ..."
} >&2
exit 1
