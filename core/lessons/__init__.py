"""The course: ten short lessons with practice phones, each with goals that are checked by what is on record.

:mod:`core.lessons.course` has the lessons, :mod:`core.lessons.goals` what the practice log must say for a goal,
:mod:`core.lessons.progress` the file with how far each person is, and :mod:`core.lessons.training_page` the page for
the file of a person.
"""

from typing import Final

#: The file in the data folder with how far each person is. A start asks whether it is there, and loads nothing for
#: that.
FILE_NAME: Final = "lessons.json"
