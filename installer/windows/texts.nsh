; What the installer and the uninstaller say, beyond what NSIS says by itself: one sentence, one next step.

LangString SHORTCUT ${LANG_ENGLISH} "See whether a phone has a banned app, and remove it"
LangString SHORTCUT ${LANG_FRENCH} "Voir si un appareil mobile contient une application interdite, et la retirer"

LangString RUNNING ${LANG_ENGLISH} "Fanion is open on this computer.$\r$\nClose its window for every user, then start this again."
LangString RUNNING ${LANG_FRENCH} "Fanion est ouvert sur cet ordinateur.$\r$\nFermez sa fenêtre pour chaque utilisateur, puis recommencez."

LangString NOT_ADMINISTRATOR ${LANG_ENGLISH} "Only an administrator can install or remove Fanion.$\r$\nStart this again as an administrator."
LangString NOT_ADMINISTRATOR ${LANG_FRENCH} "Seul un administrateur peut installer ou retirer Fanion.$\r$\nRecommencez en tant qu’administrateur."

LangString WRONG_PROCESSOR ${LANG_ENGLISH} "This Fanion is for computers with a 64-bit Intel or AMD processor (x64), and this one has another.$\r$\nInstall it on such a computer."
LangString WRONG_PROCESSOR ${LANG_FRENCH} "Cette version de Fanion est destinée aux ordinateurs à processeur Intel ou AMD de 64 bits (x64), et celui-ci en a un autre.$\r$\nInstallez-la sur un tel ordinateur."

LangString OLD_WINDOWS ${LANG_ENGLISH} "Fanion needs Windows 10, version 1809, or later, and this Windows is older.$\r$\nUpdate Windows, then start this again."
LangString OLD_WINDOWS ${LANG_FRENCH} "Fanion exige Windows 10, version 1809 ou ultérieure, et ce Windows est plus ancien.$\r$\nMettez Windows à jour, puis recommencez."

LangString PACKAGE_INSTALLED ${LANG_ENGLISH} "Fanion was installed on this computer by its .msi package.$\r$\nUpgrade it with the new .msi, or uninstall it first. Data and settings stay."
LangString PACKAGE_INSTALLED ${LANG_FRENCH} "Fanion a été installé sur cet ordinateur par son paquet .msi.$\r$\nMettez-le à niveau avec le nouveau .msi, ou désinstallez-le d’abord. Les données et les paramètres restent."

LangString DISK_FULL ${LANG_ENGLISH} "The disk has too little space for Fanion. Nothing was changed.$\r$\nMake 300 MB free, then start this again."
LangString DISK_FULL ${LANG_FRENCH} "Il n’y a pas assez d’espace sur le disque pour Fanion. Rien n’a été modifié.$\r$\nLibérez 300 Mo, puis recommencez."

LangString LINK ${LANG_ENGLISH} "$R9 is a link, and Fanion is not installed through links. Nothing was changed.$\r$\nStart this again with the folder that it leads to, or with another one."
LangString LINK ${LANG_FRENCH} "$R9 est un lien, et Fanion ne s’installe pas à travers un lien. Rien n’a été modifié.$\r$\nRecommencez avec le dossier auquel il mène, ou avec un autre."

LangString NOT_WRITTEN ${LANG_ENGLISH} "Fanion’s files could not be written. What was installed before is unchanged.$\r$\nCheck that the disk has space and that the folder can be written, then start this again."
LangString NOT_WRITTEN ${LANG_FRENCH} "Les fichiers de Fanion n’ont pas pu être écrits. La version déjà installée est inchangée.$\r$\nVérifiez que le disque a de l’espace et que le dossier est accessible en écriture, puis recommencez."

LangString NOT_SETTLED ${LANG_ENGLISH} "Fanion’s files could not be put in their place, and it is not wholly installed. Data and settings are unchanged.$\r$\nRestart the computer, then start this again."
LangString NOT_SETTLED ${LANG_FRENCH} "Les fichiers de Fanion n’ont pas pu être mis en place, et l’installation est incomplète. Les données et les paramètres sont inchangés.$\r$\nRedémarrez l’ordinateur, puis recommencez."

LangString OLD_NOT_REMOVED ${LANG_ENGLISH} "The installed Fanion could not be removed. Data and settings are unchanged.$\r$\nRestart the computer, then start this again."
LangString OLD_NOT_REMOVED ${LANG_FRENCH} "La version installée de Fanion n’a pas pu être retirée. Les données et les paramètres sont inchangés.$\r$\nRedémarrez l’ordinateur, puis recommencez."
