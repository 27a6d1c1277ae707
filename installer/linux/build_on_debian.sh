#!/bin/bash
# Builds the packages for Linux in a Debian 12 of its own, on any newer Debian or Ubuntu: what is built here runs on
# Debian 12 and all that is newer, as a release does.
#
#     sudo bash installer/linux/build_on_debian.sh [--mirror URL] [--security URL] [--suite SUITE] [--out FOLDER]
#
#   --mirror URL    where Debian is fetched from; else where debootstrap does
#   --security URL  where its corrections are fetched from; else from beside the mirror, and from nowhere if it is empty
#   --suite SUITE   bookworm (Debian 12, if none is named) or trixie (Debian 13)
#   --out FOLDER    where the packages go; else dist
#
# Needs: root, debootstrap, and a package index that pip reaches, by this machine's settings. FANION_CHROOTS names the
# folder for what is kept for the next time (build/chroots), about 3 GB. SOURCE_DATE_EPOCH is the time of the build, else
# that of the commit. The clone is built as it is, with what is not committed.
#
# Mounts and processes end with this script, however it ends: they are in namespaces of its own. What goes to FOLDER is
# written beside its name, and gets it once it is whole.
#
# Exit code: 0 if the packages are there, 1 if they could not be built, 2 if it cannot be tried here.
set -eu
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/../.." && pwd)

stop() {
    echo "$1" >&2
    exit 2
}

suite=bookworm out=$clone/dist mirror=${FANION_MIRROR:-} arguments=("$@")
while [ $# != 0 ]; do
    [ $# != 1 ] || stop "$1 needs a value: see the head of $0."
    case $1 in
    --mirror) mirror=$2 ;;
    --security) FANION_SECURITY=$2 ;;
    --suite) suite=$2 ;;
    --out) out=$2 ;;
    *) stop "There is no option $1: see the head of $0." ;;
    esac
    shift 2
done
case $suite in
bookworm) promise=debian-12 ;;
trixie) promise=debian-13 ;;
*) stop "There is no suite $suite here: bookworm and trixie can be named." ;;
esac

if [ "${FANION_NAMESPACE:-}" != ours ]; then
    [ "$(id -u)" = 0 ] || stop "This has to be started by root: it makes another system."
    command -v debootstrap >/dev/null || stop "There is no debootstrap here: sudo apt-get install debootstrap"
    FANION_NAMESPACE=ours exec unshare --mount --pid --fork --kill-child --mount-proc bash "$0" "${arguments[@]}"
fi

FANION_MIRROR=$mirror
chroots=${FANION_CHROOTS:-$clone/build/chroots}
mkdir -p "$chroots" "$out"
chroots=$(cd "$chroots" && pwd) out=$(cd "$out" && pwd)
# shellcheck source-path=SCRIPTDIR source=systems.sh
. "$here/systems.sh"

system=$chroots/$promise-build
build_in "$suite" "$system" --for "$promise"
made=$system/build/fanion/dist
# The list of sums comes last: what it names is whole.
for file in "$made"/*.deb "$made"/*.rpm "$made"/*.tar.xz "$made"/*.cdx.json "$made/SHA256SUMS"; do
    name=${file##*/}
    cp --no-preserve=ownership,mode "$file" "$out/.$name.part"
    sync "$out/.$name.part"
    mv -f "$out/.$name.part" "$out/$name"
done
echo "Built in a $promise of its own: see $out"
