"""What runs inside the virtual machine with a USB bus, and answers in lines of JSON: see `usb_machine.py`.

One program asks everything. To start Python and import Fanion takes longer in the machine than any question.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from tests.real import usb_keys, usb_phones

if __name__ == "__main__":
    status = 1
    usb_keys.use(Path(sys.argv[1]))
    try:
        usb_phones.ask()
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)  # threads wait for a cable that nothing will plug in again
