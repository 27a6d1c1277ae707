"""Leads through the lessons in the window: joins their strip and their list to the Desk page and to the practice log.

What is read and written is done off the GUI thread, one thing after the other. Loaded once a lesson is wanted, or if
the officer has ever begun one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.desk import training
from core.desk.training import Standing
from core.lessons.course import POLICY
from core.problem import Problem
from core.text import T
from gui.lessons.lesson_strip import LessonStrip, reply_to
from gui.lessons.lessons_dialog import LessonsDialog
from gui.lessons.record_dialog import TrainingRecordDialog
from gui.toolkit.jobs import Done, Failed, JobEnd, Work, one_call
from gui.toolkit.translated_text import Translatable
from gui.window.shell import WindowShell

if TYPE_CHECKING:
    from gui.desk.session.phone_session import PhoneSession

_LANE = "lessons"


class LessonGuide(QObject):
    """The lessons of the officer who works here."""

    def __init__(self, shell: WindowShell) -> None:
        super().__init__(shell.widget)
        self._shell = shell
        self._looking = self._look_once_more = False
        #: The practice phones that were plugged in for the open lesson. One that was there before was checked before.
        self._plugged: list[PhoneSession] = []
        self.strip = LessonStrip()
        shell.add_strip(self.strip)
        self.strip.plug_wanted.connect(self._plug_in)
        self.strip.answered.connect(self._answer)
        self.strip.lesson_wanted.connect(self._begin)
        self.strip.list_wanted.connect(self.open_list)
        self.strip.leave_wanted.connect(self._leave)
        phones = shell.desk_page.phones
        for signal in (phones.appeared, phones.changed, phones.vanished):
            signal.connect(self._show_again)

    @property
    def chapter(self) -> str:
        """The chapter of the open lesson, while the phone that is shown is not a real one; else empty."""
        standing = self.strip.standing
        session = self._shell.desk_page.shown_session()
        real = session is not None and not session.practice and self._shell.page_name() == "desk"
        opened = standing.lesson if standing is not None else None
        return opened.chapter if opened is not None and not real else ""

    def open_list(self) -> None:
        """Show the ten lessons."""
        self._start(one_call(training.standing, self._shell.desk), self._show_list)

    def go_to(self) -> None:
        """Go to the open lesson; to the list where none is."""
        if self.strip.isVisible():
            self.strip.go_to()
        else:
            self.open_list()

    def look_again(self) -> None:
        """The practice log, or who works here, may be another one by now."""
        if self._looking:
            self._look_once_more = True
            return
        self._looking = True
        self._shell.runner.start(self, _LANE, one_call(training.standing, self._shell.desk), self._end_look)

    def _end_look(self, end: JobEnd[Standing]) -> None:
        self._looking = False
        self._take_standing(None, end)
        if self._look_once_more:
            self._look_once_more = False
            self.look_again()

    # --- what the officer does

    def _show_list(self, standing: Standing) -> None:
        dialog = LessonsDialog(standing, self._shell.widget)
        dialog.begin_wanted.connect(self._begin)
        dialog.again_wanted.connect(self._begin_again)
        dialog.record_wanted.connect(self._ask_record)
        dialog.open()

    def _begin(self, number: int) -> None:
        self._start(one_call(training.begin, self._shell.desk, number), self._show_begun)

    def _begin_again(self, number: int) -> None:
        self._start(one_call(training.begin, self._shell.desk, number, again=True), self._show_begun)

    def _show_begun(self, standing: Standing) -> None:
        self._shell.open_page("desk")
        if not standing.reached:
            self._plugged.clear()
        self._show(standing)
        self.strip.go_to()

    def _leave(self) -> None:
        self._start(one_call(training.leave, self._shell.desk), self._show)

    def _answer(self, key: str, place: int) -> None:
        standing = self.strip.standing
        reply = reply_to(standing, key, place) if standing is not None else None
        work = one_call(training.answer, self._shell.desk, key, place)
        self._shell.runner.start(self, _LANE, work, partial(self._take_standing, reply))

    def _plug_in(self, scenario: str) -> None:
        self._shell.open_page("desk")
        self._plugged.append(self._shell.desk_page.practise(scenario, judged_by=POLICY))
        self._show_again()

    def _ask_record(self) -> None:
        shell = self._shell
        dialog = TrainingRecordDialog(shell.desk, shell.runner, shell.memory, shell.widget)
        dialog.file_written.connect(shell.say_written)
        dialog.open()

    # --- what is known

    def _start(self, work: Work[Standing], follow_up: object) -> None:
        """Have `work` done, and call `follow_up` with what it came to."""

        def ended(end: JobEnd[Standing]) -> None:
            if isinstance(end, Done) and callable(follow_up):
                self._tell_damage(end.value)
                follow_up(end.value)
            elif isinstance(end, Failed):
                self._fail(end.problem)

        self._shell.runner.start(self, _LANE, work, ended)

    def _take_standing(self, message: Translatable | None, end: JobEnd[Standing]) -> None:
        if isinstance(end, Done):
            self._tell_damage(end.value)
            self._show(end.value, message)
        elif isinstance(end, Failed):
            self._fail(end.problem)

    def _show(self, standing: Standing, message: Translatable | None = None) -> None:
        self.strip.show_standing(standing, message, phone_is_there=self._is_there(standing))

    def _show_again(self, session: object = None) -> None:
        """A phone came, left, or is another by now."""
        standing = self.strip.standing
        if standing is not None and standing.lesson is not None:
            self.strip.say_phone(is_there=self._is_there(standing))

    def _is_there(self, standing: Standing) -> bool:
        """Whether the practice phone of the step was plugged in for the lesson, and is there and not handed back."""
        scenario = standing.step.phone if standing.step is not None else ""
        return any(s.scenario == scenario and not s.absent and not s.is_handed_back for s in self._plugged)

    def _tell_damage(self, standing: Standing) -> None:
        if standing.damaged_file is not None:
            self._shell.say_passing(
                T(
                    "The file with the progress of the lessons could not be read. It is kept as {file}; the "
                    "lessons start again from the first.",
                    file=str(standing.damaged_file),
                )
            )

    def _fail(self, problem: Problem) -> None:
        self._shell.desk_page.tell(problem)
