/* Starts the bundled Python on the product; unpacks nothing and downloads nothing.

   Built three times: cuadre.exe (console), cuadre-gui.exe (-DWINDOW: the window) and cuadrew.exe
   (-DQUIET: commands without a console, for scheduled tasks). Python runs isolated (-I: no
   variables or packages of the user change what it does), writes no byte code (-B) and speaks
   UTF-8. CUADRE_FOLDER tells the product where its launchers lie. */
#include <windows.h>
#include <shellapi.h>
#include <stdlib.h>
#include <wchar.h>

#define LONGEST 32768

typedef int (*python_main)(int, wchar_t **);

static int fail(const wchar_t *text)
{
#if defined(WINDOW)
    MessageBoxW(NULL, text, L"Cuadre", MB_ICONERROR);
#else
    DWORD written;
    WriteConsoleW(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)wcslen(text), &written, NULL);
#endif
    return 3;
}

static int start(int count, wchar_t **given)
{
    static wchar_t folder[LONGEST], file[LONGEST];
    DWORD length = GetModuleFileNameW(NULL, folder, LONGEST - 64);
    if (!length || length >= LONGEST - 64)
        return fail(L"Cuadre: the path of the program is too long.\n");
    *wcsrchr(folder, L'\\') = 0;
    SetEnvironmentVariableW(L"CUADRE_FOLDER", folder);
    wcscpy(file, folder);
    wcscat(file, L"\\runtime");
    SetDllDirectoryW(file); /* never the folder a person happens to be in */
    wcscat(file, L"\\python311.dll");
    HMODULE library = LoadLibraryExW(file, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (!library)
        return fail(L"Cuadre: runtime\\python311.dll cannot be loaded. Install Cuadre again.\n");
    python_main run = (python_main)(void *)GetProcAddress(library, "Py_Main");
    if (!run)
        return fail(L"Cuadre: runtime\\python311.dll is not the right one. Install Cuadre again.\n");
    wchar_t **arguments = calloc((size_t)count + 8, sizeof *arguments);
    int place = 0;
    arguments[place++] = given[0];
    arguments[place++] = L"-I";
    arguments[place++] = L"-B";
    arguments[place++] = L"-X";
    arguments[place++] = L"utf8";
#if defined(WINDOW)
    arguments[place++] = L"-c";
    arguments[place++] = L"from app.__main__ import main_window; raise SystemExit(main_window())";
#else
    arguments[place++] = L"-m";
    arguments[place++] = L"app";
#endif
    for (int at = 1; at < count; at++)
        arguments[place++] = given[at];
    return run(place, arguments);
}

#if defined(WINDOW) || defined(QUIET)
int WINAPI wWinMain(HINSTANCE self, HINSTANCE before, LPWSTR line, int shown)
{
    (void)self, (void)before, (void)line, (void)shown;
    int count;
    wchar_t **given = CommandLineToArgvW(GetCommandLineW(), &count);
    return start(count, given);
}
#else
int wmain(int count, wchar_t **given) { return start(count, given); }
#endif
