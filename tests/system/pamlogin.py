#!/usr/bin/python3
"""Calls PAM as a login program does: auth, with the answer ready.

As a program it makes one attempt and exits with what PAM said:

    pamlogin.py SERVICE USER ANSWER...
"""

import ctypes
import ctypes.util
import sys

import pamcall

PAM_SUCCESS = 0
PAM_SERVICE_ERR = 3
PAM_AUTH_ERR = 7
PAM_AUTHINFO_UNAVAIL = 9
PAM_FAIL_DELAY = 10  # an item: called instead of waiting after a refusal

DELAY = ctypes.CFUNCTYPE(
    None, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p)


class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


@DELAY
def no_delay(status, microseconds, data):
    pass


def answering(answers):
    """A conversation that gives these answers, the last for all questions
    that are left, in memory that libpam frees."""
    libc = ctypes.CDLL(None)
    libc.calloc.restype = ctypes.c_void_p
    libc.strdup.restype = ctypes.c_void_p
    left = list(answers)

    @pamcall.CONVERSATION
    def converse(count, messages, responses, data):
        size = ctypes.sizeof(Response)
        memory = libc.calloc(ctypes.c_size_t(count), ctypes.c_size_t(size))
        for place in range(count):
            response = Response.from_address(memory + place * size)
            response.text = libc.strdup(left[0].encode())
            left[1:] and left.pop(0)
        ctypes.cast(responses, ctypes.POINTER(ctypes.c_void_p))[0] = memory
        return PAM_SUCCESS

    return converse


def authenticate(service, user, *answers):
    """What pam_authenticate says of these answers."""
    pam = ctypes.CDLL(ctypes.util.find_library("pam") or "libpam.so.0")
    handle = ctypes.c_void_p()
    converse = answering(answers)
    conv = pamcall.Conv(converse, None)
    started = pam.pam_start(service.encode(), user.encode(),
                            ctypes.byref(conv), ctypes.byref(handle))
    if started != PAM_SUCCESS:
        raise OSError(f"pam_start says {started}")
    pam.pam_set_item(handle, PAM_FAIL_DELAY, no_delay)
    code = pam.pam_authenticate(handle, 0)
    pam.pam_end(handle, code)
    return code


if __name__ == "__main__":
    sys.exit(authenticate(*sys.argv[1:]))
