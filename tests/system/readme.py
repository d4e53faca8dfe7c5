"""What README.md tells people to type and to write, for tests that do so."""

import os
import re

import tap


def chapter(heading):
    """What stands below a heading, down to the next one as high or higher."""
    with open(os.path.join(tap.ROOT, "README.md"), encoding="utf-8") as file:
        text = file.read()
    text = text[text.index(f"\n{heading}\n") + len(heading) + 2:]
    level = heading.index(" ")
    return re.split(rf"(?m)^#{{1,{level}}} ", text)[0]


def blocks(text):
    """The lines of each block that is to be typed or written."""
    return [[line.strip() for line in (block[1] or block[2]).splitlines()]
            for block in re.finditer(
                r"\n\n((?: {7}.*\n)+)|```\n((?:.*\n)+?) *```", text)]


def block_behind(text, mark):
    """The lines of the first block behind these words."""
    return blocks(text[text.index(mark):])[0]


def with_settings(text, lines):
    """sshd's settings, each in place of the one that is there, or at the end."""
    for line in lines:
        name = line.split()[0]
        text, count = re.subn(rf"(?m)^#? ?{name} .*$", line, text, count=1)
        if count == 0:
            text += line + "\n"
    return text
