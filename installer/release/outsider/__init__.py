"""A release, verified by somebody who has nothing but what is published.

    python3 -m outsider RELEASE --key fanion.pub --sign sign.py --repository CLONE --tag v1.2.3 [--tag-key KEY.asc] \\
        [--notices FOLDER]

RELEASE is the folder that the files were downloaded to, `sign.py` the file of that name in the source at the tag. What
is found is written to stdout as JSON, row by row; the exit code is 1 if anything is not as it should be. This package
imports nothing of Fanion's, and uses the commands of `installer/RELEASE.md`: sign.py, minisign, sha256sum, git, gpg,
dpkg-deb, rpm2cpio and cpio.
"""
