/* What the .msi starts before it changes an installed Fanion: it refuses while a program of it runs, for any user.

   Windows Installer closes programs, or replaces their files at the next restart: in the middle of a removal on a phone,
   either would be worse than an upgrade that comes later. */

#include <windows.h>
#include <msiquery.h>

#define TRIES 4
#define BETWEEN 500

static const WCHAR *const PROGRAMS[] = {L"fanionw.exe", L"fanion.exe"};

/* Whether a program runs from this file: Windows lets nobody write to it then. Who may not write there at all is told
   something else. */
static BOOL is_held(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_SHARING_VIOLATION;
    CloseHandle(file);
    return FALSE;
}

/* A virus scanner also holds a file, but for a moment only. */
static BOOL stays_held(const WCHAR *path)
{
    for (int tried = 0; tried < TRIES; tried++) {
        if (!is_held(path))
            return FALSE;
        Sleep(BETWEEN);
    }
    return TRUE;
}

/* The folder that is to be looked into, with a backslash at its end: what a deferred action may know is CustomActionData. */
static DWORD find_folder(MSIHANDLE install, WCHAR *path)
{
    static const WCHAR *const names[] = {L"CustomActionData", L"Program"};
    for (int each = 0; each < 2; each++) {
        DWORD length = MAX_PATH;
        if (MsiGetPropertyW(install, names[each], path, &length) == ERROR_SUCCESS && length)
            return length;
    }
    return 0;
}

UINT __stdcall RequireClosed(MSIHANDLE install)
{
    WCHAR path[MAX_PATH + 16];
    DWORD length = find_folder(install, path);
    if (!length)
        return ERROR_INSTALL_FAILURE;
    for (int each = 0; each < 2; each++) {
        for (int at = 0;; at++) {
            path[length + at] = PROGRAMS[each][at];
            if (!PROGRAMS[each][at])
                break;
        }
        if (stays_held(path)) {
            MSIHANDLE said = MsiCreateRecord(0);
            MsiRecordSetStringW(said, 0,
                                L"Fanion is open on this computer. Close its window for every user, then start this "
                                L"again. / Fanion est ouvert sur cet ordinateur. Fermez sa fen\u00eatre pour chaque "
                                L"utilisateur, puis recommencez.");
            MsiProcessMessage(install, INSTALLMESSAGE_ERROR, said);
            MsiCloseHandle(said);
            return ERROR_INSTALL_FAILURE;
        }
    }
    return ERROR_SUCCESS;
}
