"""Sentences that earlier versions wrote into logs, and that are said otherwise now.

A record keeps a sentence by its English words (`sentences.py`), and the catalogue puts those into French. A sentence of
which the words change therefore comes here as it was, if it can stand in a log: then the French of an earlier log stays
French. Nothing reads this module but the catalogue.
"""

from __future__ import annotations

from typing import Any, Final

from core.text import T

#: What stands for the values, which are in the records.
_VALUES: Final[dict[str, Any]] = {}

EARLIER: Final = (
    T("A banned app reads all notifications: it must go."),
    T("A banned app reads the screen and can tap in the owner’s name: it must go."),
    T("A banned app reads the screen and can tap in the owner’s name: remove it."),
    T("A program by which somebody rules over the whole phone is on it: have it set up anew."),
    T("Accept the newest stick of the policy team whose root file is installed."),
    T("Accept the policy team’s newest stick again, and tell whoever looks after this computer’s security."),
    T("An app by which somebody can rule over the whole phone is on it: ask the owner what it is for."),
    T("An app may install other apps, past the stores: switch that off in Settings, Apps."),
    T("An app reads all notifications, codes for signing in too: ask whether the owner wants it."),
    T("An app reads the screen and can tap in the owner’s name: ask whether the owner wants it."),
    T("An app that can take full control of the phone (root) is on it: ask the owner what it is for."),
    T("Another system than its owner’s runs on the phone (DSU): its owner’s apps are not listed."),
    T("Anybody could change the log of this computer in {folder}.", **_VALUES),
    T("another’s"),
    T("another’s key"),
    T("burnt"),
    T("for developers"),
    T("for users"),
    T("whole"),
    T("Apps from no store"),
    T("Keyboard"),
    T("the phone’s own"),
    T("Apps came from no store, so that nobody has looked at them: see how they were installed."),
    T("Apps that no store has seen may run: switch it off in Settings, Privacy & Security."),
    T("Ask the computer’s administrator to install the policy team’s root file again."),
    T("Ask the computer’s administrator to install the policy team’s root file."),
    T("Ask the policy team for a newer stick, and make sure that this computer’s date is right."),
    T("Ask the policy team for a stick on which all of its key holders have signed."),
    T("Ask whoever is responsible for the policy."),
    T("Auto Blocker is off: the owner may switch it on again after the check."),
    T(
        "Bring a signed one (fanion policy import), or ask your IT support to set “unsigned_policy” in the "
        "settings of the whole computer."
    ),
    T(
        "Change nothing in it. Find out what is wrong with it: fanion log verify; then tell whoever is responsible "
        "for security."
    ),
    T("Check that the disk has room and that you may write there, then accept the stick again."),
    T("Choose the folder on the policy team’s USB stick that has a folder named “metadata” in it."),
    T("Copy the policy team’s whole folder onto the stick again, and eject the stick before you pull it out."),
    T("Debugging over Wi-Fi"),
    T("Do not use this stick, and show it to the policy team: it may be that one of their keys was misused."),
    T("Do not use this stick; get the policy from the policy team again, and tell them what happened."),
    T("Do not use this stick; get the policy from the policy team again."),
    T("Fanion failed while it was under way."),
    T("Fanion had stopped before the phone answered; checked again, the app is not there."),
    T("Fanion had stopped before the phone answered; checked again, the app is still there."),
    T("Have that desk leave its checkpoint in this folder again. If that changes nothing, report it."),
    T("Have the owner open Secure Folder on the phone and show its apps, or move them out of it."),
    T(
        "Have the owner open Secure Folder on the phone, touch and hold {app} and tap Uninstall. Then check again.",
        **_VALUES,
    ),
    T("Have the owner remove {app} in the work profile, or ask the organisation that manages that profile.", **_VALUES),
    T("Have the owner remove {app} in the work profile, or ask whoever manages that profile.", **_VALUES),
    T("Have the owner show the work profile's apps on the phone, or ask the organisation that manages that profile."),
    T("Have the owner show the work profile's apps on the phone, or ask whoever manages that profile."),
    T("Have the owner unlock the private space, and check the phone again."),
    T("The organisation that manages this phone forbids it."),
    T("Have the phone's owner install it again from the store."),
    T(
        "Have the phone’s device management, or its owner under Settings, Screen Time, allow that apps are "
        "deleted. Then check the phone again."
    ),
    T(
        "Have the phone’s management, or its owner under Settings, Screen Time, allow that apps are deleted. Then "
        "check the phone again."
    ),
    T("Have your administrator install Fanion's udev rule (70-fanion-phones.rules), then plug the phone in again."),
    T("Have your administrator update the packages usbmuxd and libimobiledevice, then plug the phone in again."),
    T("Install the WinUSB driver for this phone, or ask your administrator to, then plug the phone in again."),
    T("Installed past the stores"),
    T("It does not help?"),
    T("It is a device administrator, which must be switched off first."),
    T(
        "It is an App Clip, which no Home Screen shows. On the phone, open Settings › Apps › App Clips (before "
        "iOS 18: Settings › App Clips) and remove it there; else it goes by itself once it was not used for "
        "some time. Then check the phone again."
    ),
    T("It was cancelled while it was under way."),
    T("Keep both checkpoints, and report it to whoever is responsible for that log."),
    T("Keep it as it is for whoever looks into it, and choose another data folder to work on."),
    T("Keep the folder and the log as they are, and report it to whoever investigates such incidents."),
    T("Leave this phone as it is, and report this to whoever looks after Fanion for you."),
    T("Look in the log what was removed: fanion log list."),
    T("Make sure that the stick is from your policy team, and ask them whether their keys have changed."),
    T("Many phones have its serial number, so an earlier removal cannot be told to be this phone’s."),
    T("No removal from this phone is on record that could be undone."),
    T("No removal of {app} from this phone is on record that could be undone.", **_VALUES),
    T("No sign was found that somebody rules over the phone; that alone does not prove it."),
    T("No signed policy has been brought to this computer yet."),
    T("Nobody has signed the policy {file}, and this computer may use signed ones only.", **_VALUES),
    T("Not everybody who may write this log may use {file}.", **_VALUES),
    T("On this USB stick, {file} is not an ordinary file or folder but leads elsewhere.", **_VALUES),
    T(
        "Open {app} on the phone and look through the apps in it. If a banned app is in it, remove it there; "
        "if its owner does not need {app}, remove {app} itself.",
        **_VALUES,
    ),
    T("Play Protect is off: have the owner switch it on in Google Play."),
    T("Plug the stick in again and try once more, or use another stick."),
    T(
        "Put back what was taken from that folder before anybody works here: else the log goes on with new keys, "
        "says so for ever, and needs a new enrolment sheet."
    ),
    T("Restart the phone, so that its owner’s system starts, then check again."),
    T("Run “fanion self-test” and give its report to your administrator."),
    T("Seen before in this visit, and not seen to be gone: {apps}", **_VALUES),
    T(
        "Somebody could put another folder in the place of {folder}: others than administrators may change {place}.",
        **_VALUES,
    ),
    T("Stop, unplug it, report it."),
    T("Tell whoever is responsible for security. Once that is moved away, the log can be opened again."),
    T("The bootloader is unlocked: anybody with a cable can put another system on the phone."),
    T("The file that the phone gave is not signed by whom its list of apps says."),
    T("The file {file} on this USB stick cannot be read.", **_VALUES),
    T("The file {file} on this USB stick has {count} of the {needed} signatures that it needs.", **_VALUES),
    T("The file {file} on this USB stick is larger than any that belongs there.", **_VALUES),
    T("The file {file} on this USB stick is signed with keys that this computer does not trust.", **_VALUES),
    T("The file {file} on this USB stick was changed or damaged after it was signed.", **_VALUES),
    T("The key of this log is in a keyring, and a log that is shared or carried around uses none."),
    T("The keyboard is a banned app: have the owner choose another one before it is removed."),
    T("The last record in the log file {file} was cut off while it was being written.", **_VALUES),
    T("The log file {file} did not take the record: it is too long.", **_VALUES),
    T("The phone does not say clearly whether it is in repair mode, in which its owner’s apps are not listed."),
    T("The phone does not say clearly which of its systems runs: what is listed may not be its owner’s."),
    T("The phone is in maintenance mode: its owner’s apps are not listed."),
    T("The phone is in repair mode: its owner’s apps are not listed."),
    T(
        "The phone refused. The app may be installed by management as not removable: ask the team that manages the "
        "phone."
    ),
    T("The phone trusts other computers too: the owner can tap “Revoke USB debugging authorizations”."),
    T("The phone was not wholly read. {why}", **_VALUES),
    T(
        "The phone’s management is the better tool: give it the list of banned apps (Policy, Export), and check "
        "the phone again once it has blocked them."
    ),
    T(
        "The phone’s device management is the better tool. Give it the list of banned apps (Policy, Save for device "
        "management), and check the phone again once it has blocked them."
    ),
    T("The phone’s security patch is old: have the owner install the updates."),
    T("The phone’s storage is encrypted with a key that no code protects: have the owner set a lock."),
    T("The policy on this USB stick is incomplete: the file {file} is missing or cut off.", **_VALUES),
    T("The policy on this USB stick is older than what this computer has accepted before."),
    T("The reading ended before the phone told this: check the phone again."),
    T("The screen is not locked: have the owner set a PIN or a password."),
    T("The service for iPhones that this computer was told to use does not answer."),
    T("The signatures on this USB stick expired on {date}.", **_VALUES),
    T("The system is verified by the key of somebody else than the maker: ask who installed it."),
    T("There is a newer iOS, {newest}: have the owner install it.", **_VALUES),
    T("This USB stick has other contents under the same number than what this computer has accepted before."),
    T("This app bears the id of {product}, but somebody else signed it.", **_VALUES),
    T("This is not the phone that was trusted before."),
    T(
        "This phone does not allow apps to be removed (management, or Screen Time › Content & Privacy › Deleting "
        "Apps). Nothing was removed."
    ),
    T("This phone’s management does not allow this computer."),
    T("Together with its owner, look at App Library › Hidden, and record what you saw."),
    T(
        "Unlock it and tap Allow. If no question comes: switch USB debugging off and on, choose Revoke USB "
        "debugging authorisations, set USB to File transfer, or try another cable."
    ),
    T("Use the policy team’s newest stick."),
    T("What iPhones are trusted with, in {folder}, cannot be read or kept.", **_VALUES),
    T("What is stored on the phone is not encrypted: it can be read by whoever finds it."),
    T("What the phone said could not be written down; checked again, the app is not there."),
    T("What the phone said could not be written down; checked again, the app is still there."),
    T("named, but signed by someone else"),
    T("no banned app was found, but its health was not as the policy demands."),
    T("only calls itself so"),
    T("signed by someone else"),
    T("the policy demands that an officer looks there"),
)
