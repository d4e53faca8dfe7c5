"""Calls PAM as cron does: account and session, and never auth."""

import ctypes
import ctypes.util

PAM_SUCCESS = 0
PAM_CONV_ERR = 19
PAM_PROMPT_ECHO_OFF = 1
PAM_PROMPT_ECHO_ON = 2
PAM_TTY = 3
PAM_ESTABLISH_CRED = 2
PAM_DELETE_CRED = 4

CONVERSATION = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
    ctypes.c_void_p)


class Conv(ctypes.Structure):
    _fields_ = [("conv", CONVERSATION), ("data", ctypes.c_void_p)]


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


asked = []  # the text of each question; what is only told is not kept


@CONVERSATION
def nobody_is_there(count, messages, responses, data):
    array = ctypes.cast(messages, ctypes.POINTER(ctypes.POINTER(Message)))
    for place in range(count):
        message = array[place].contents
        if message.style in (PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON):
            asked.append(message.text)
    return PAM_CONV_ERR


def account_only(service, user):
    """{"account": code, "credentials": code, "session": code}."""
    pam = ctypes.CDLL(ctypes.util.find_library("pam") or "libpam.so.0")
    handle = ctypes.c_void_p()
    conv = Conv(nobody_is_there, None)
    started = pam.pam_start(service.encode(), user.encode(),
                            ctypes.byref(conv), ctypes.byref(handle))
    if started != PAM_SUCCESS:
        raise OSError(f"pam_start says {started}")
    pam.pam_set_item(handle, PAM_TTY, b"cron")
    codes = {"account": pam.pam_acct_mgmt(handle, 0),
             "credentials": pam.pam_setcred(handle, PAM_ESTABLISH_CRED),
             "session": pam.pam_open_session(handle, 0)}
    pam.pam_close_session(handle, 0)
    pam.pam_setcred(handle, PAM_DELETE_CRED)
    pam.pam_end(handle, codes["account"])
    return codes
