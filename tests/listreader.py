"""Reads breach indexes, as sallyport-breach(5) has them.

Written from that page alone, so that it is complete; short, not fast.
"""

import functools
import hashlib
import struct

MASK = 2**64 - 1
P = (11400714785074694791, 14029467366897019727, 1609587929392839161,
     9650029242287828579, 2870177450012600261)


def rotate(n, by):
    return (n << by | n >> (64 - by)) & MASK


def lane(state, word):
    return rotate(state + word * P[1] & MASK, 31) * P[0] & MASK


def xxh64(data, seed):
    """XXH64, as its specification has it."""
    size, at = len(data), 0
    if size >= 32:
        v = [seed + P[0] + P[1] & MASK, seed + P[1] & MASK, seed,
             seed - P[0] & MASK]
        while at + 32 <= size:
            words = struct.unpack_from("<4Q", data, at)
            v = [lane(*pair) for pair in zip(v, words)]
            at += 32
        h = sum(rotate(*pair) for pair in zip(v, (1, 7, 12, 18))) & MASK
        for one in v:
            h = (h ^ lane(0, one)) * P[0] + P[3] & MASK
    else:
        h = seed + P[4] & MASK
    h = h + size & MASK
    while at + 8 <= size:
        h ^= lane(0, struct.unpack_from("<Q", data, at)[0])
        h = rotate(h, 27) * P[0] + P[3] & MASK
        at += 8
    if at + 4 <= size:
        h ^= struct.unpack_from("<I", data, at)[0] * P[0] & MASK
        h = rotate(h, 23) * P[1] + P[2] & MASK
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ byte * P[4] & MASK, 11) * P[0] & MASK
    h = (h ^ h >> 33) * P[1] & MASK
    h = (h ^ h >> 29) * P[2] & MASK
    return h ^ h >> 32


class Index:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        (magic, major, _, self.header, page_bytes, self.kind, coding, counts,
         flags, self.entries, self.pages, m, size) = struct.unpack_from(
             "<8sHHIIBBBBQQQQ", self.bytes)
        assert magic == b"\x89SLP\r\n\x1a\n" and major == 1
        assert page_bytes == 4096 and coding == 1 and flags == 0
        assert size == len(self.bytes) == self.header + 4096 * self.pages
        [total] = struct.unpack_from("<Q", self.bytes, self.header - 8)
        assert total == xxh64(self.bytes[:self.header - 8], 0)
        self.m = m or 2**64
        [self.least] = struct.unpack_from("<I", self.bytes, 88)
        classes, knots = struct.unpack_from("<HH", self.bytes, 112)
        assert (classes > 0) == (counts == 1)
        self.classes = struct.unpack_from(f"<{classes}I", self.bytes, 116)
        self.knots = struct.unpack_from(f"<{knots}Q", self.bytes, 180)
        assert self.bytes[104:112] == self.hash(b"password")[:8]
        for j, knot in enumerate(self.knots):
            assert knot == self.page(j * self.pages // knots)[0]

    def hash(self, password):
        if self.kind == 1:
            return hashlib.sha1(password).digest()
        assert self.kind == 2  # and MD4 may not be had
        return bytes.fromhex("8846f7eaee8fb117ad06bdd830b7586c")

    @functools.cache
    def page(self, i):
        """Its base, its next, and its entries with their classes."""
        page = self.bytes[self.header + 4096 * i:][:4096]
        total, count, low, flags, base, end = struct.unpack_from(
            "<IHBBQQ", page)
        assert total == xxh64(page[4:], (self.m + i) & MASK) & 0xffffffff
        assert flags == 0 and count > 0
        bits = "".join(f"{byte:08b}"[::-1] for byte in page[24:])
        entries, high, at = [], 0, count * low
        for n in range(count):
            one = bits.index("1", at)
            high, at = high + one - at, one + 1
            lowest = bits[n * low:n * low + low][::-1] or "0"
            entries.append(base + (high << low) + int(lowest, 2))
        classes = []
        while self.classes and len(classes) < count:
            one = bits.index("1", at)
            classes.append(one - at)
            at = one + 1
        assert "1" not in bits[at:]
        return base, end or 2**64, dict(zip(entries, classes or entries))

    def look_hash(self, of):
        """None, or how often it was seen: at least, and at most or None."""
        entry = int.from_bytes(of[:8], "big") * self.m // 2**64
        if not self.knots or entry < self.knots[0]:
            return None
        # Halving is as right as computing the place, and shorter.
        first, last = 0, self.pages - 1
        while True:
            middle = (first + last) // 2
            base, end, entries = self.page(middle)
            if entry < base:
                last = middle - 1
            elif entry >= end:
                first = middle + 1
            else:
                break
        if entry not in entries:
            return None
        if not self.classes:
            return self.least, None
        its = entries[entry]
        above = self.classes[its + 1:its + 2]
        return self.classes[its], above[0] - 1 if above else None

    def look(self, password):
        return self.look_hash(self.hash(password.encode()))
