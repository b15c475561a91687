; The installer: for one user, without an administrator. VERSION, SOURCE (the program folder), OUT
; and SIZE (KiB) are given by the builder. It deletes only files it listed itself, keeps the data of
; every company (they lie elsewhere), and refuses while the program runs.
Unicode true
Target amd64-unicode
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Cuadre"
!define OPENER "Software\Classes\Applications\cuadre-gui.exe"
Name "Cuadre"
OutFile "${OUT}"
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetCompressorDictSize 32
SetDateSave off
InstallDir "$LOCALAPPDATA\Programs\Cuadre"
InstallDirRegKey HKCU "Software\Cuadre" "InstallDir"
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS Win10
Icon "${SOURCE}\app\resources\icons\cuadre.ico"
UninstallIcon "${SOURCE}\app\resources\icons\cuadre.ico"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Cuadre"
VIAddVersionKey FileDescription "Cuadre"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey LegalCopyright "Apache-2.0"
!include LogicLib.nsh
!include FileFunc.nsh
!include TextFunc.nsh
!include MUI2.nsh
!define MUI_FINISHPAGE_RUN "$INSTDIR\cuadre-gui.exe"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${SOURCE}\app\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "English"
LangString RUNNING ${LANG_SPANISH} "Cuadre está abierto. Ciérrelo e intente de nuevo."
LangString RUNNING ${LANG_ENGLISH} "Cuadre is running. Close it and try again."
LangString COMMANDS ${LANG_SPANISH} "Cuadre (línea de comandos)"
LangString COMMANDS ${LANG_ENGLISH} "Cuadre (command line)"
LangString FOREIGN ${LANG_SPANISH} "La carpeta ya tiene otros archivos. Elija una vacía."
LangString FOREIGN ${LANG_ENGLISH} "The folder has other files in it. Choose an empty one."
LangString OPENWITH ${LANG_SPANISH} "Abrir con Cuadre"
LangString OPENWITH ${LANG_ENGLISH} "Open with Cuadre"

; Both languages' links go: the language may have changed since the installation.
!macro delete_links
  Delete "$SMPROGRAMS\Cuadre.lnk"
  Delete "$SMPROGRAMS\Cuadre (línea de comandos).lnk"
  Delete "$SMPROGRAMS\Cuadre (command line).lnk"
!macroend

!macro of_both un
Function ${un}refuse_running
  ; Every launcher loads this library: it cannot be opened for writing while one of them runs.
  ${If} ${FileExists} "$INSTDIR\runtime\python311.dll"
    ClearErrors
    FileOpen $0 "$INSTDIR\runtime\python311.dll" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDOK
      SetErrorLevel 5
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
FunctionEnd

Function ${un}delete_listed
  ; Exactly what the installed version listed; a folder only when it is empty then.
  ClearErrors
  FileOpen $0 "$INSTDIR\files.txt" r
  ${IfNot} ${Errors}
    ${Do}
      ClearErrors
      FileReadUTF16LE $0 $1
      ${If} ${Errors}
        ${ExitDo}
      ${EndIf}
      ${TrimNewLines} "$1" $1
      Delete "$INSTDIR\$1"
    ${Loop}
    FileClose $0
  ${EndIf}
  ClearErrors
  FileOpen $0 "$INSTDIR\folders.txt" r
  ${IfNot} ${Errors}
    ${Do}
      ClearErrors
      FileReadUTF16LE $0 $1
      ${If} ${Errors}
        ${ExitDo}
      ${EndIf}
      ${TrimNewLines} "$1" $1
      RMDir "$INSTDIR\$1"
    ${Loop}
    FileClose $0
  ${EndIf}
  Delete "$INSTDIR\files.txt"
  Delete "$INSTDIR\folders.txt"
FunctionEnd
!macroend
!insertmacro of_both ""
!insertmacro of_both "un."

!macro opens EXTENSION
  WriteRegStr HKCU "${OPENER}\SupportedTypes" "${EXTENSION}" ""
  WriteRegStr HKCU "Software\Classes\SystemFileAssociations\${EXTENSION}\shell\Cuadre" "" "$(OPENWITH)"
  WriteRegStr HKCU "Software\Classes\SystemFileAssociations\${EXTENSION}\shell\Cuadre" "Icon" "$INSTDIR\cuadre-gui.exe"
  WriteRegStr HKCU "Software\Classes\SystemFileAssociations\${EXTENSION}\shell\Cuadre\command" "" '"$INSTDIR\cuadre-gui.exe" "%1"'
!macroend
!macro opens_no_more EXTENSION
  DeleteRegKey HKCU "Software\Classes\SystemFileAssociations\${EXTENSION}\shell\Cuadre"
  DeleteRegKey /ifempty HKCU "Software\Classes\SystemFileAssociations\${EXTENSION}\shell"
  DeleteRegKey /ifempty HKCU "Software\Classes\SystemFileAssociations\${EXTENSION}"
!macroend
!macro of_each MACRO
  !insertmacro ${MACRO} ".txt"
  !insertmacro ${MACRO} ".csv"
  !insertmacro ${MACRO} ".xlsx"
  !insertmacro ${MACRO} ".xls"
  !insertmacro ${MACRO} ".xml"
  !insertmacro ${MACRO} ".zip"
  !insertmacro ${MACRO} ".dbf"
  !insertmacro ${MACRO} ".ofx"
  !insertmacro ${MACRO} ".sta"
!macroend

Section
  SetShellVarContext current
  Call refuse_running
  ${If} ${FileExists} "$INSTDIR\files.txt"
    Call delete_listed
  ${ElseIf} ${FileExists} "$INSTDIR\*.*"
    ${DirState} "$INSTDIR" $0
    ${If} $0 == 1
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(FOREIGN)" /SD IDOK
      SetErrorLevel 6
      Quit
    ${EndIf}
  ${EndIf}
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  !insertmacro delete_links
  CreateShortcut "$SMPROGRAMS\Cuadre.lnk" "$INSTDIR\cuadre-gui.exe" "" "$INSTDIR\cuadre-gui.exe" 0
  CreateShortcut "$SMPROGRAMS\$(COMMANDS).lnk" "$SYSDIR\cmd.exe" '/k "set "PATH=$INSTDIR;%PATH%"&& cuadre --help"' "$INSTDIR\cuadre.exe" 0
  WriteRegStr HKCU "Software\Cuadre" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\cuadre.exe" "" "$INSTDIR\cuadre.exe"
  WriteRegStr HKCU "${OPENER}" "FriendlyAppName" "Cuadre"
  WriteRegStr HKCU "${OPENER}\shell\open\command" "" '"$INSTDIR\cuadre-gui.exe" "%1"'
  !insertmacro of_each opens
  WriteRegStr HKCU "${KEY}" "DisplayName" "Cuadre"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\cuadre-gui.exe"
  WriteRegStr HKCU "${KEY}" "Publisher" "Cuadre"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY}" "NoRepair" 1
  WriteRegDWORD HKCU "${KEY}" "EstimatedSize" ${SIZE}
SectionEnd

Section Uninstall
  SetShellVarContext current
  Call un.refuse_running
  Call un.delete_listed
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  !insertmacro delete_links
  !insertmacro of_each opens_no_more
  DeleteRegKey HKCU "${KEY}"
  DeleteRegKey HKCU "${OPENER}"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\cuadre.exe"
  DeleteRegKey HKCU "Software\Cuadre"
SectionEnd
