#!/bin/sh
# Fill a folder with what a desk and head office have after some weeks, all of it made by the Fanion that is named:
#
#     sh fill_desk.sh FANION OFFICE FOLDER
#
# FANION is a desk's program and OFFICE one that has what head office merges with; both may be the same. In FOLDER, which
# is made, there will be: `desk`, a data folder with settings, keys, and the log of practice phones (checks, a removal,
# seals, a round with its roster and re-check that was closed, and one that goes on); `usb-key` with bundles; `papers` with
# the desk's keys, a receipt and a checkpoint; and `store`, which head office has merged.
set -eu
fanion=$1 office=$2 folder=$3
mkdir -p "$folder/desk" "$folder/usb-key" "$folder/papers"
cd "$folder"

cat >desk/settings.toml <<'END'
officer = "Zoé Tremblay"
desk = "Desk 4, Gatineau"
organisation = "example.gc.ca"
retention_months = 24
text_size = 125
sounds = false
END

# at_desk WORDS...: a command with the desk's data. A check that finds a banned app ends with 1, one with a gap with 2.
at_desk() {
    code=0
    "$fanion" "$@" --language en --data desk </dev/null || code=$?
    [ "$code" -le 2 ]
}

last=$(date --date '20 days' +%F)
at_desk round new Spring --practice --first "$(date --date '1 day ago' +%F)" --last "$last" --place Gatineau --recheck 50
at_desk check --practice walk-up --asset-tag TB-114 --holder "Ana Roy" --json >papers/walk-up.json
serial=$(sed -n 's/^    "serial": "\(.*\)",\{0,1\}$/\1/p' papers/walk-up.json)
printf 'Serial number,Asset tag,Holder,Unit\n%s,TB-114,Ana Roy,Finance\nR5CT900AAAA,TB-115,Luc Roy,Finance\n' "$serial" \
    >papers/roster.csv
at_desk round roster papers/roster.csv --practice
at_desk remove --practice walk-up --asset-tag TB-114 --holder "Ana Roy" --yes
at_desk check --practice clean --asset-tag TB-116 --holder "Ivo Ng"
at_desk check --practice work-profile
at_desk check --practice iphone-wechat --quick
at_desk log seal --practice
at_desk round recheck --practice
at_desk round export usb-key --practice
at_desk round end --practice
at_desk round new Autumn --practice --last "$last"
at_desk check --practice secure-folder --holder "Mia Wu"
at_desk round export usb-key --practice
at_desk log seal --practice
at_desk log checkpoint papers --practice
entry=$(sed -n 's/^  "entry": \([0-9]*\).*/\1/p' papers/walk-up.json)
at_desk log receipt --practice --out papers/receipt.pdf "$entry"
at_desk log enrolment --practice >papers/desks.txt

"$office" merge usb-key --practice --into store --enrolled papers/desks.txt --language en --data desk
