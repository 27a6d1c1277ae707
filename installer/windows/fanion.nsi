; Fanion's installer for Windows: for the whole computer, 64-bit, in English and French. build.sh calls makensis with
;   VERSION    0.9.0
;   LISTS      the folder with what listing.py made of the bundle: stage.nsh, settle.nsh, remove.nsh
;   SIZE       of the bundle, in KB
;   ICON       fanion.ico
;   OUT        the file to write
;   SIGN       optional: the program that signs the uninstaller, as `SIGN FILE`
;
; What is promised (README.md says it to those who deploy):
;   - An upgrade is unpacked beside what is installed, which goes only when all of the new is there.
;   - Only files that this installer has brought are ever deleted. Data and settings lie elsewhere and are not touched.
;   - Silent runs never ask, tell their reason on the standard output, and end with Windows' own error numbers.

Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel admin
CRCCheck force
AllowSkipFiles off
ShowInstDetails nevershow
ShowUninstDetails nevershow

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Fanion"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"
; Of Windows 10, version 1809: older ones have not all that Qt links to.
!define OLDEST_BUILD 17763
; Within the program's folder, so that moving what is in it needs no second copy.
!define STAGE "fanion-new"

; Who may do what in folders that are made here, and in all that is in them, as Windows writes it: nothing is inherited (P),
; the system and administrators may do everything, users may read and start programs.
!define PROTECTED "O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
!define FILE_ATTRIBUTE_REPARSE_POINT 0x400

; Windows' own numbers, so that Intune and Configuration Manager know what they mean (1618: try again later).
!define ERROR_ACCESS_DENIED 5
!define ERROR_DISK_FULL 112
!define ERROR_OLD_WIN_VERSION 1150
!define ERROR_INSTALL_FAILURE 1603
!define ERROR_INSTALL_ALREADY_RUNNING 1618
!define ERROR_INSTALL_PLATFORM_UNSUPPORTED 1633
!define ERROR_PRODUCT_VERSION 1638

Name "Fanion ${VERSION}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\Fanion"
InstallDirRegKey HKLM "Software\Fanion" "InstallLocation"
BrandingText "Fanion ${VERSION}"

!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "WinVer.nsh"
!include "x64.nsh"
!include "FileFunc.nsh"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "French"
!include "texts.nsh"

VIProductVersion "${VERSION}.0"
!macro VERSION_TEXTS LANGUAGE DESCRIPTION
  VIAddVersionKey /LANG=${LANGUAGE} "ProductName" "Fanion"
  VIAddVersionKey /LANG=${LANGUAGE} "ProductVersion" "${VERSION}"
  VIAddVersionKey /LANG=${LANGUAGE} "FileVersion" "${VERSION}"
  VIAddVersionKey /LANG=${LANGUAGE} "CompanyName" "Fanion"
  VIAddVersionKey /LANG=${LANGUAGE} "LegalCopyright" "Apache-2.0"
  VIAddVersionKey /LANG=${LANGUAGE} "FileDescription" "${DESCRIPTION}"
!macroend
!insertmacro VERSION_TEXTS ${LANG_ENGLISH} "Installs Fanion"
!insertmacro VERSION_TEXTS ${LANG_FRENCH} "Installation de Fanion"

!ifdef SIGN
  !uninstfinalize '"${SIGN}" "%1"' = 0
!endif

; --- what both the installer and the uninstaller do

!macro SHARED UN

; Tell the text on the stack: in a box, or, in a silent run, on the standard output or the console that started it.
Function ${UN}Tell
  Exch $1
  ${IfNot} ${Silent}
    MessageBox MB_OK|MB_ICONSTOP "$1"
    Pop $1
    Return
  ${EndIf}
  Push $0
  Push $2
  Push $3
  Push $4
  System::Call 'kernel32::GetStdHandle(i -11)p.r0'
  ${If} $0 P<= 0
    System::Call 'kernel32::AttachConsole(i -1)'
    System::Call 'kernel32::GetStdHandle(i -11)p.r0'
  ${EndIf}
  StrCpy $1 "$1$\r$\n"
  StrLen $2 $1
  System::Call 'kernel32::WriteConsoleW(p r0, w r1, i r2, *i .r3, p 0)i.r4'
  ${If} $4 = 0 ; not a console: a file or a pipe, which gets UTF-8
    System::Alloc 8192
    Pop $2
    System::Call 'kernel32::WideCharToMultiByte(i 65001, i 0, w r1, i -1, p r2, i 8192, p 0, p 0)i.r3'
    IntOp $3 $3 - 1
    System::Call 'kernel32::WriteFile(p r0, p r2, i r3, *i .r4, p 0)'
    System::Free $2
  ${EndIf}
  Pop $4
  Pop $3
  Pop $2
  Pop $0
  Pop $1
FunctionEnd

; Whether a program of Fanion runs from $INSTDIR, for whichever user: Windows lets nobody write to it then. In $R9.
Function ${UN}FindRunning
  Push $0
  Push $1
  StrCpy $1 0
  StrCpy $R9 ""
  ${Do}
    StrCpy $R9 ""
    ${If} ${FileExists} "$INSTDIR\fanionw.exe"
      ClearErrors
      FileOpen $0 "$INSTDIR\fanionw.exe" a
      ${If} ${Errors}
        StrCpy $R9 "fanionw.exe"
      ${Else}
        FileClose $0
      ${EndIf}
    ${EndIf}
    ${If} ${FileExists} "$INSTDIR\fanion.exe"
      ClearErrors
      FileOpen $0 "$INSTDIR\fanion.exe" a
      ${If} ${Errors}
        StrCpy $R9 "fanion.exe"
      ${Else}
        FileClose $0
      ${EndIf}
    ${EndIf}
    ${If} $R9 == ""
      ${Break}
    ${EndIf}
    ; A virus scanner also holds a file, but for a moment only.
    IntOp $1 $1 + 1
    Sleep 500
  ${LoopUntil} $1 = 4
  ClearErrors
  Pop $1
  Pop $0
FunctionEnd

; Go on only when no Fanion runs. A person is asked to close it; a silent run ends.
Function ${UN}RequireClosed
  again:
  Call ${UN}FindRunning
  StrCmp $R9 "" closed
  IfSilent silent
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" IDRETRY again
  Goto stop
  silent:
  Push "$(RUNNING)"
  Call ${UN}Tell
  stop:
  SetErrorLevel ${ERROR_INSTALL_ALREADY_RUNNING}
  Quit
  closed:
FunctionEnd

; Only an administrator may. Windows asks for one by itself, but not where its user account control is off.
Function ${UN}RequireAdministrator
  UserInfo::GetAccountType
  Pop $0
  ${If} $0 != "Admin"
    Push "$(NOT_ADMINISTRATOR)"
    Call ${UN}Tell
    SetErrorLevel ${ERROR_ACCESS_DENIED}
    Quit
  ${EndIf}
FunctionEnd

!macroend
!insertmacro SHARED ""
!insertmacro SHARED "un."

; --- installing

; End with this text and this number, leaving what was installed before as it was.
!macro STOP TEXT CODE
  Push "${TEXT}"
  Call Tell
  SetErrorLevel ${CODE}
  SetOutPath "$TEMP" ; a folder that is somebody's current one cannot be removed
  RMDir /r "$INSTDIR\${STAGE}"
  RMDir "$INSTDIR"
  Quit
!macroend

Function .onInit
  SetRegView 64
  SetShellVarContext all
  ${IfNot} ${IsNativeAMD64}
    Push "$(WRONG_PROCESSOR)"
    Call Tell
    SetErrorLevel ${ERROR_INSTALL_PLATFORM_UNSUPPORTED}
    Quit
  ${EndIf}
  ${IfNot} ${AtLeastWin10}
  ${OrIfNot} ${AtLeastBuild} ${OLDEST_BUILD}
    Push "$(OLD_WINDOWS)"
    Call Tell
    SetErrorLevel ${ERROR_OLD_WIN_VERSION}
    Quit
  ${EndIf}
  Call RequireAdministrator
  ; The files of the .msi are Windows Installer's to upgrade and to remove.
  ReadRegStr $0 HKLM "Software\Fanion" "Installer"
  ${If} $0 == "msi"
    Push "$(PACKAGE_INSTALLED)"
    Call Tell
    SetErrorLevel ${ERROR_PRODUCT_VERSION}
    Quit
  ${EndIf}
FunctionEnd

; Make the folder $R7, of which the one around it is there, for administrators and the system to write in; users may read
; and start what is in it. Nothing is inherited from around it: on a disk for data that lets everybody write. In $R8: not 0
; if it was made, so never for one that was there.
Function MakeProtected
  Push $0
  Push $1
  StrCpy $R8 0
  System::Call 'advapi32::ConvertStringSecurityDescriptorToSecurityDescriptorW(w "${PROTECTED}", i 1, *p .r0, p 0)i.r1'
  ${If} $1 <> 0
    ; SECURITY_ATTRIBUTES of a 64-bit Windows: the size, the descriptor, no inheritance by programs.
    System::Call '*(i 24, i 0, p r0, i 0, i 0)p.r1'
    System::Call 'kernel32::CreateDirectoryW(w R7, p r1)i.R8'
    System::Free $1
    System::Call 'kernel32::LocalFree(p r0)'
  ${EndIf}
  Pop $1
  Pop $0
FunctionEnd

; The folder of the department's settings. Windows lets anybody make folders in ProgramData, and the first to make this one
; would write those settings: so it is here from the start. One that is there already stays as it is, since it may be a
; link that somebody has laid; Fanion itself refuses settings that are not the administrators'.
Function MakeMachineFolder
  StrCpy $R7 "$APPDATA\Fanion"
  Call MakeProtected
FunctionEnd

; Make $INSTDIR, and of the way to it what is not there yet: whoever may rename a folder on the way could put another
; program in the place of this one, which the system will run to uninstall it. What is there stays as it is.
; In $R8: 0 if it cannot be made.
Function MakeProgramFolder
  Push $0
  StrCpy $R8 1
  ${Do}
    StrCpy $R6 "$INSTDIR"
    StrCpy $R7 ""
    ; The uppermost that is not there.
    ${Do}
      System::Call 'kernel32::GetFileAttributesW(w R6)i.r0'
      ${If} $0 <> -1
        ${Break}
      ${EndIf}
      StrCpy $R7 $R6
      ${GetParent} "$R6" $R6
    ${LoopUntil} $R6 == ""
    ${If} $R7 == ""
      ${Break}
    ${EndIf}
    Call MakeProtected
  ${LoopUntil} $R8 = 0
  Pop $0
FunctionEnd

; The first link (a junction, for instance) on the way to where this installer writes and empties folders: whoever laid it
; can lay it elsewhere later. In $R9; empty if there is none.
Function FindLink
  Push $0
  StrCpy $R7 "$INSTDIR\${STAGE}"
  StrCpy $R9 ""
  ${Do}
    System::Call 'kernel32::GetFileAttributesW(w R7)i.r0'
    ${If} $0 <> -1
      IntOp $0 $0 & ${FILE_ATTRIBUTE_REPARSE_POINT}
      ${If} $0 <> 0
        StrCpy $R9 $R7
      ${EndIf}
    ${EndIf}
    ${GetParent} "$R7" $R7
    StrLen $0 $R7
  ${LoopUntil} $0 < 3 ; a drive
  Pop $0
FunctionEnd

; How many KB are free where $INSTDIR is to be: asked of the nearest folder above it that is there. In $R8; empty if Windows
; does not say.
Function FindFree
  StrCpy $R7 "$INSTDIR"
  StrCpy $R8 ""
  ${Do}
    System::Call 'kernel32::GetDiskFreeSpaceExW(w "$R7\", *l .r0, p 0, p 0)i.r1'
    ${If} $1 <> 0
      System::Int64Op $0 / 1024
      Pop $R8
      ${Break}
    ${EndIf}
    ${GetParent} "$R7" $R7
  ${LoopUntil} $R7 == ""
FunctionEnd

Section "Fanion"
  Call RequireClosed
  Call FindFree
  ${If} $R8 != ""
    IntOp $R7 ${SIZE} + 20480
    System::Int64Op $R8 < $R7
    Pop $0
    ${If} $0 <> 0
      !insertmacro STOP "$(DISK_FULL)" ${ERROR_DISK_FULL}
    ${EndIf}
  ${EndIf}

  ; Before anything is written or emptied there.
  Call FindLink
  ${If} $R9 != ""
    Push "$(LINK)"
    Call Tell
    SetErrorLevel ${ERROR_INSTALL_FAILURE}
    Quit
  ${EndIf}
  Call MakeProgramFolder
  ${If} $R8 = 0
    !insertmacro STOP "$(NOT_WRITTEN)" ${ERROR_INSTALL_FAILURE}
  ${EndIf}

  ; Left by a run that was cut off.
  RMDir /r "$INSTDIR\${STAGE}"
  ClearErrors
  !include "${LISTS}/stage.nsh"
  ${If} ${Errors}
    !insertmacro STOP "$(NOT_WRITTEN)" ${ERROR_INSTALL_FAILURE}
  ${EndIf}
  SetOutPath "$INSTDIR"
  ClearErrors

  ; The one that is installed, wherever that is, removes what it has brought.
  ReadRegStr $R1 HKLM "Software\Fanion" "InstallLocation"
  ${If} $R1 != ""
  ${AndIf} ${FileExists} "$R1\uninstall.exe"
    ClearErrors
    ExecWait '"$R1\uninstall.exe" /S /UPGRADE _?=$R1' $R2
    ${If} ${Errors}
      StrCpy $R2 ${ERROR_INSTALL_FAILURE}
    ${EndIf}
    ${If} $R2 = ${ERROR_INSTALL_ALREADY_RUNNING}
      !insertmacro STOP "$(RUNNING)" ${ERROR_INSTALL_ALREADY_RUNNING}
    ${ElseIf} $R2 <> 0
      !insertmacro STOP "$(OLD_NOT_REMOVED)" ${ERROR_INSTALL_FAILURE}
    ${EndIf}
    Delete "$R1\uninstall.exe"
    ${If} $R1 != $INSTDIR
      RMDir "$R1"
    ${EndIf}
  ${EndIf}

  ClearErrors
  !include "${LISTS}/settle.nsh"
  ${If} ${Errors}
    Push "$(NOT_SETTLED)"
    Call Tell
    SetErrorLevel ${ERROR_INSTALL_FAILURE}
    Quit
  ${EndIf}
  SetOutPath "$INSTDIR"
  RMDir /r "$INSTDIR\${STAGE}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  Call MakeMachineFolder

  CreateShortcut "$SMPROGRAMS\Fanion.lnk" "$INSTDIR\fanionw.exe" "" "$INSTDIR\fanionw.exe" 0 SW_SHOWNORMAL "" "$(SHORTCUT)"

  WriteRegStr HKLM "Software\Fanion" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "Software\Fanion" "Version" "${VERSION}"
  ; `fanion` in Windows' Run box and for programs that ask Windows' shell; the PATH is the administrator's own.
  WriteRegStr HKLM "${APP_PATHS}\fanion.exe" "" "$INSTDIR\fanion.exe"
  WriteRegStr HKLM "${APP_PATHS}\fanionw.exe" "" "$INSTDIR\fanionw.exe"

  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayName" "Fanion"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "Publisher" "Fanion"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\fanionw.exe"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  ; With _?= it stays where it is, so that whoever started it waits for the end and gets its exit code.
  WriteRegStr HKLM "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S _?=$INSTDIR'
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE}
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoRepair" 1
  SetErrorLevel 0
SectionEnd

; NSIS itself gives up when a file cannot be unpacked: all of the old is still there.
Function .onInstFailed
  SetOutPath "$TEMP"
  RMDir /r "$INSTDIR\${STAGE}"
  RMDir "$INSTDIR"
  ${If} ${Silent}
    Push "$(NOT_WRITTEN)"
    Call Tell
  ${EndIf}
  SetErrorLevel ${ERROR_INSTALL_FAILURE}
FunctionEnd

; --- uninstalling

Function un.onInit
  SetRegView 64
  SetShellVarContext all
  Call un.RequireAdministrator
FunctionEnd

; Whether the uninstaller was started with this option. In $R1.
!macro HAS_OPTION OPTION
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "${OPTION}" $R1
  ${If} ${Errors}
    StrCpy $R1 no
  ${Else}
    StrCpy $R1 yes
  ${EndIf}
  ClearErrors
!macroend

Section "Uninstall"
  SetOutPath "$TEMP"
  !insertmacro HAS_OPTION "/CLEAN"
  ${If} $R1 == yes
    ; This is the copy that was started last, see below.
    StrCpy $R2 0
    ${Do}
      Delete "$INSTDIR\uninstall.exe"
      ${IfNot} ${FileExists} "$INSTDIR\uninstall.exe"
        ${Break}
      ${EndIf}
      Sleep 250
      IntOp $R2 $R2 + 1
    ${LoopUntil} $R2 = 240
    RMDir "$INSTDIR"
    Return
  ${EndIf}

  Call un.RequireClosed
  ClearErrors
  !include "${LISTS}/remove.nsh"
  ${If} ${FileExists} "$INSTDIR\fanion.exe"
    Push "$(OLD_NOT_REMOVED)"
    Call un.Tell
    SetErrorLevel ${ERROR_INSTALL_FAILURE}
    Quit
  ${EndIf}
  SetErrorLevel 0

  ; A newer one takes the place of this one, with its shortcut (people pin it) and its entries.
  !insertmacro HAS_OPTION "/UPGRADE"
  ${If} $R1 == yes
    Return
  ${EndIf}

  Delete "$SMPROGRAMS\Fanion.lnk"
  DeleteRegKey HKLM "${APP_PATHS}\fanion.exe"
  DeleteRegKey HKLM "${APP_PATHS}\fanionw.exe"
  DeleteRegKey HKLM "Software\Fanion"
  DeleteRegKey HKLM "${UNINSTALL_KEY}"

  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  ; Started with _?= this program runs from its own place and cannot be deleted: a copy does that once it has ended, from
  ; a folder in which NSIS lets nobody else write.
  ${If} ${FileExists} "$INSTDIR\uninstall.exe"
    InitPluginsDir
    CopyFiles /SILENT "$INSTDIR\uninstall.exe" "$PLUGINSDIR\clean.exe"
    Exec '"$PLUGINSDIR\clean.exe" /S /CLEAN _?=$INSTDIR'
  ${EndIf}
SectionEnd
