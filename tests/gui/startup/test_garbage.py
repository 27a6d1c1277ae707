"""Rings of objects are freed on the GUI thread alone, be a worker ever so busy."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.startup.garbage_collector import GARBAGE, LOOKS, GarbageCollector, keep_responsive
from tests.gui.conftest import Office


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[GarbageCollector]:
    made = keep_responsive(qapp)
    yield made
    made.stop()
    gc.disable()  # as tests/conftest.py has it


class Ring(QObject):
    """Something of Qt's that nothing but itself holds on to."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def test_a_ring_of_qt_s_ends_on_the_gui_thread(qtbot: QtBot, collector: GarbageCollector) -> None:
    ended: list[threading.Thread] = []
    weakref.finalize(Ring(), lambda: ended.append(threading.current_thread()))
    made: list[list[int]] = []
    worker = threading.Thread(target=lambda: made.extend([n] for n in range(GARBAGE[0] * 2)))
    worker.start()
    worker.join()
    assert ended == []
    qtbot.waitUntil(lambda: bool(ended))
    assert ended == [threading.main_thread()]


def test_afterwards_python_looks_itself_again(collector: GarbageCollector) -> None:
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()


@pytest.mark.slow
def test_what_a_phone_leaves_behind_is_freed_once_it_is_unplugged_and_nothing_is_under_way(
    office: Office, collector: GarbageCollector
) -> None:
    collector.follow(office.fanion.phones, office.fanion.runner)
    office.plug("S1", "clean")
    office.idle()
    gate = office.gate(office.serve("S2", "clean"), "dumpsys package packages")
    office.plug("S2")
    office.until(lambda: gate.reached)
    ring = Ring()
    left = weakref.ref(ring)
    gc.collect()  # has it grow old, so that no search for young ones finds it
    del ring
    office.unplug("S1")
    office.until(lambda: any(session.absent for session in office.fanion.phones.sessions))
    collector.collect()
    assert left() is not None, "another phone is being read"
    gate.open()
    office.until(lambda: left() is None)


def test_memory_is_given_back_while_a_phone_is_read_and_once_nothing_is_under_way(
    office: Office, collector: GarbageCollector
) -> None:
    gate = office.gate(office.serve("S1", "clean"), "dumpsys package packages")
    collector.follow(office.fanion.phones, office.fanion.runner)
    office.plug("S1")
    office.until(lambda: gate.reached)
    looks = []
    for _ in range(LOOKS):
        collector.collect()
        looks.append(collector.looks_at_work)
    assert 0 in looks, "given back, and counted anew"
    assert max(looks) < LOOKS
    gate.open()
    office.idle()
    collector.collect()
    assert collector.looks_at_work == 0
