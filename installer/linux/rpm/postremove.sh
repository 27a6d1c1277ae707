#!/bin/sh
# After the removal. A log is evidence: the shared one in /var/lib/fanion and users' own stay where they are.
if [ "$1" = 0 ] && [ -S /run/udev/control ] && command -v udevadm >/dev/null; then
    udevadm control --reload || true
fi
