#!/bin/sh
# Starts the Fanion beside this file with its data in fanion-data beside Fanion’s folder: for a stick that is carried
# from computer to computer. Takes what `fanion` takes, and ends as it does.

self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in
*/*) here=${self%/*} ;;
*) here=. ;;
esac
exec "$here/fanion" --portable "$@"
