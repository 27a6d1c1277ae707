"""Texts that follow the language while they are shown."""

from __future__ import annotations

import weakref

import shiboken6
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core import text
from core.text import LANGUAGES, Bilingual, N, T
from gui.toolkit.translated_text import TranslatedText, speak


def window(qtbot: QtBot) -> tuple[QWidget, TranslatedText]:
    owner = QWidget()
    qtbot.addWidget(owner)
    return owner, TranslatedText(owner)


def test_a_text_is_said_at_once_and_again_in_the_other_language(qtbot: QtBot) -> None:
    owner, say = window(qtbot)
    label = QLabel(owner)
    say(label.setText, T("Search"))
    assert label.text() == "Search"
    speak("fr")
    assert text.language() == "fr"
    assert label.text() == T("Search").in_language("fr") != "Search"
    speak("en")
    assert label.text() == "Search"


def test_qt_is_told_the_language_of_windows_that_are_open_and_of_those_to_come(qtbot: QtBot) -> None:
    """From Qt, a screen reader has the language of what it reads."""
    owner, _ = window(qtbot)
    label = QLabel(owner)
    for language in LANGUAGES:
        speak(language)
        later, _ = window(qtbot)
        assert {one.locale().name() for one in (owner, label, later)} == {QLocale().name()} == {f"{language}_CA"}


def test_what_has_two_languages_from_the_start_and_what_has_none(qtbot: QtBot) -> None:
    owner, say = window(qtbot)
    product, model, count = QLabel(owner), QLabel(owner), QLabel(owner)
    say(product.setText, Bilingual("suite", "la suite"))
    say(model.setText, "Pixel 9")
    say(count.setText, N("{count} app", "{count} apps", 2))
    speak("fr")
    assert (product.text(), model.text(), count.text()) == ("la suite", "Pixel 9", "2 applications")


def test_the_last_text_of_a_setter_counts(qtbot: QtBot) -> None:
    owner, say = window(qtbot)
    label = QLabel(owner)
    say(label.setText, T("Search"))
    say(label.setText, T("Close"))
    speak("fr")
    assert label.text() == T("Close").in_language("fr")


def test_one_widget_may_have_several_texts(qtbot: QtBot) -> None:
    owner, say = window(qtbot)
    field = QLineEdit(owner)
    say(field.setPlaceholderText, T("Search"))
    say(field.setAccessibleName, T("Close"))
    speak("fr")
    assert field.placeholderText() == T("Search").in_language("fr")
    assert field.accessibleName() == T("Close").in_language("fr")


def test_a_callable_is_asked_anew(qtbot: QtBot) -> None:
    owner, say = window(qtbot)
    label = QLabel(owner)
    count = 1
    say(label.setText, lambda: N("{count} app", "{count} apps", count))
    assert label.text() == "1 app"
    count = 3
    speak("en")
    assert label.text() == "3 apps"


def test_what_a_widget_inside_says_changes_too(qtbot: QtBot) -> None:
    owner, _ = window(qtbot)
    inside = QWidget()
    QVBoxLayout(owner).addWidget(inside)
    label = QLabel(inside)
    TranslatedText(inside)(label.setText, T("Search"))
    speak("fr")
    assert label.text() == T("Search").in_language("fr")


def test_a_widget_that_is_gone_is_forgotten(qtbot: QtBot) -> None:
    owner, say = window(qtbot)
    gone, left = QLabel(owner), QLabel(owner)
    say(gone.setText, T("Search"))
    say(left.setText, T("Search"))
    shiboken6.delete(gone)
    speak("fr")
    speak("en")
    assert left.text() == "Search"
    assert len(say._texts) == 1


def test_every_window_hears_it(qtbot: QtBot) -> None:
    windows = [window(qtbot) for _ in range(2)]
    labels = [QLabel(owner) for owner, _ in windows]
    for label, (_, say) in zip(labels, windows, strict=True):
        say(label.setText, T("Search"))
    speak("fr")
    assert {label.text() for label in labels} == {T("Search").in_language("fr")}


def test_parts_that_were_deleted_are_not_held_on_to(qtbot: QtBot) -> None:
    """Where an owner stays, and makes others in their place all day."""
    owner, say = window(qtbot)
    kept = QLabel(owner)
    say(kept.setText, T("Search"))
    labels = []
    for _ in range(500):
        label = QLabel(owner)
        say(label.setText, T("Close"))
        labels.append(weakref.ref(label))
        shiboken6.delete(label)
        del label
    assert sum(label() is not None for label in labels) < 100
    speak("fr")
    assert kept.text() == T("Search").in_language("fr")
