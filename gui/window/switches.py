"""The two switches of the bar that change how all of the window looks: the language, and light or dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QObject, QTranslator

from core import text
from core.desk.settings.settings import SettingsProblem
from core.text import Language, T
from gui.toolkit.grey_reason import offer
from gui.toolkit.images.icons import icon
from gui.toolkit.theme import ColourScheme
from gui.toolkit.translated_text import speak
from gui.window.bars.top_bar import TopBar

if TYPE_CHECKING:
    from gui.window.shell import WindowShell


class Switches(QObject):
    """Switches the window around `bar` to the other language, or to the other scheme, and remembers it."""

    def __init__(self, shell: WindowShell, bar: TopBar) -> None:
        super().__init__(shell.widget)
        self._shell, self._bar = shell, bar
        self._translator: QTranslator | None = None
        bar.language.clicked.connect(self.switch_language)
        bar.scheme.clicked.connect(self.switch_scheme)

    def switch_language(self) -> None:
        """Speak the other language, everywhere and at once; and next time."""
        shell = self._shell
        if shell.desk.settings.is_locked("language"):
            return
        language: Language = "fr" if text.language() == "en" else "en"
        self.use_language(language)
        try:
            shell.desk.change(language=language)
        except SettingsProblem as problem:
            shell.open_page("desk")
            shell.desk_page.tell(problem)
        else:
            shell.desk_page.tell(None)

    def use_language(self, language: Language) -> None:
        """Speak `language`. Qt's own words (in menus of text fields, in dialogs) follow."""
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator.deleteLater()
            self._translator = None
        if language == "fr":
            translator = QTranslator(self)
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if translator.load("qtbase_fr", folder):
                QCoreApplication.installTranslator(translator)
                self._translator = translator
        speak(language)
        self.show_words()

    def switch_scheme(self) -> None:
        """Dark if it is light, light if it is dark."""
        looks = self._shell.looks
        looks.choose(ColourScheme.LIGHT if looks.dark else ColourScheme.DARK)
        self._shell.memory.setValue("scheme", looks.choice.value)
        self.show_words()

    def show_words(self) -> None:
        """Say on the two buttons what each would do now."""
        bar, say = self._bar, self._bar.say
        bar.name(bar.language, lambda: "Français" if text.language() == "en" else "English")
        say(
            bar.language.setToolTip,
            lambda: "Parler français (Ctrl+Maj+L)" if text.language() == "en" else "Speak English (Ctrl+Shift+L)",
        )
        offer(bar.language, not self._shell.desk.settings.is_locked("language"))
        dark = self._shell.looks.dark
        bar.scheme.setIcon(icon("sun" if dark else "moon"))
        word = T("Light (Ctrl+Shift+D)") if dark else T("Dark (Ctrl+Shift+D)")
        say.name(bar.scheme, T("Switch between light and dark"), tip=word)
