/* What Windows 10 has and Wine 8 lacks, for the check alone; never shipped. One file makes both
   libraries: icuuc.dll (-DICU), which Qt loads and does not call here, and bcryptprimitives.dll,
   whose random numbers Python asks for. */
#include <windows.h>

#ifdef ICU
#define EMPTY(name) __declspec(dllexport) int name(void) { return 0; }
EMPTY(ucnv_open) EMPTY(ucnv_close) EMPTY(ucnv_reset) EMPTY(ucnv_getMaxCharSize)
EMPTY(ucnv_getName) EMPTY(ucnv_getToUCallBack) EMPTY(ucnv_getFromUCallBack)
EMPTY(ucnv_setToUCallBack) EMPTY(ucnv_setFromUCallBack) EMPTY(ucnv_cbToUWriteUChars)
EMPTY(ucnv_toUnicode) EMPTY(ucnv_cbFromUWriteUChars) EMPTY(ucnv_toUCountPending)
EMPTY(ucnv_fromUCountPending) EMPTY(ucnv_getStandardName) EMPTY(ucnv_getAvailableName)
EMPTY(ucnv_countAvailable) EMPTY(ucnv_fromUnicode) EMPTY(UCNV_FROM_U_CALLBACK_SUBSTITUTE)
EMPTY(UCNV_TO_U_CALLBACK_SUBSTITUTE)
#else
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
    return SystemFunction036(data, (ULONG)size);
}
#endif
