#!/bin/sh
# Starts the Fanion beside this file with its data in fanion-data beside Fanion’s folder: for a stick that is carried
# from computer to computer. Takes what `fanion` takes, and ends as it does.

path=${PATH-}
PATH=/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin # whatever PATH says: it could name the working directory

self=$0
[ ! -L "$self" ] || self=$(readlink -f -- "$self")
case $self in
*/*) here=${self%/*} ;;
*) here=. ;;
esac
PATH=$path
exec "$here/fanion" --portable "$@"
