#!/bin/sh
# After the installation: phones that are plugged in already are to be reachable, without restarting anything.
if [ -S /run/udev/control ] && command -v udevadm >/dev/null; then
    udevadm control --reload || true
    udevadm trigger --subsystem-match=usb --action=change || true
fi
