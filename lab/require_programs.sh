#!/bin/sh
# Makes sure that the named programs are there: require_programs.sh PROGRAM:DEBIAN_PACKAGE ...
# What is not on PATH is named by its file, with wildcards where folders differ: '/usr/lib/*/module.so:PACKAGE'.
# As root the missing packages are installed; otherwise the command that does it is said. Python's venv is
# always asked for, of the Python that PYTHON names (default: python3). The packages' own services are kept from
# starting: dcnet starts copies of its own.
set -eu

missing=""
for pair in "$@"; do
    program=${pair%%:*}
    case $program in
    /*)
        # shellcheck disable=SC2086
        ls -d $program >/dev/null 2>&1 || missing="$missing ${pair#*:}"
        continue
        ;;
    esac
    # Debian keeps daemons in sbin, which a user's PATH may lack.
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
"${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
[ -n "${missing# }" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Perlu dipasang / please install: $missing" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Perlu dipasang / please run: sudo apt-get install --no-install-recommends $missing" >&2
    exit 1
fi

policy=${DCNET_POLICY_FILE:-/usr/sbin/policy-rc.d}
if [ ! -e "$policy" ]; then
    # Left behind, it would keep every later package's service from starting: removed also when interrupted.
    trap 'rm -f "$policy"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
echo "Memasang / installing: $missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086
if ! { apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
