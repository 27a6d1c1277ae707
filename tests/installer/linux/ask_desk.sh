#!/bin/sh
# What a Fanion says of a folder that fill_desk.sh has filled, be it by another version: each answer in a file of ANSWERS.
#
#     sh ask_desk.sh FANION OFFICE FOLDER ANSWERS
#
# Exit code: 0 if it could say all of it and everything verifies, else that of the first command that fails.
set -eu
fanion=$1 office=$2 folder=$3 answers=$4
mkdir -p "$answers"
cd "$folder"

# ask FILE WORDS...: one answer, of the program $program.
ask() {
    file=$1
    shift
    "$program" "$@" --language en --data desk --json </dev/null >"$answers/$file.json"
}

program=$fanion
ask verify log verify --practice --keys papers/desks.txt --receipt papers/receipt.pdf
ask list log list --practice --limit 1000
ask rounds round list --practice
ask spring round status Spring --practice
ask keys log enrolment --practice
program=$office
ask store-verify store verify store
for question in by-policy by-unit come-backs coverage not-seen; do
    ask "$question" store ask store "$question"
done
