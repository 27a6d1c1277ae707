/* For trying Fanion under Wine only, never shipped: Wine 10's own lacks WcsCreateIccProfile, and without it Qt's
   plugin for windows does not load. Every screen is said to have no colour profile. */

#define EXPORT __declspec(dllexport)

EXPORT int GetColorProfileFromHandle(void *profile, unsigned char *data, unsigned long *size)
{
    (void)profile;
    (void)data;
    (void)size;
    return 0;
}

EXPORT int CloseColorProfile(void *profile) { (void)profile; return 1; }
EXPORT void *WcsCreateIccProfile(void *profile, unsigned long options) { (void)profile; (void)options; return 0; }
EXPORT void *OpenColorProfileW(void *profile, unsigned long access, unsigned long share, unsigned long mode)
{
    (void)profile;
    (void)access;
    (void)share;
    (void)mode;
    return 0;
}
