"""doctor and doctor --migrate, as people and scripts use them."""

import json
import os
import sys

from cli import NO, TOP, UNKNOWN, USAGE, YES, House, fits, main, test

STACKS = os.path.join(TOP, "tests", "stacks")

GOOGLE = """@include common-auth
auth required pam_google_authenticator.so nullok grace_period=60
account required pam_unix.so
"""
COMMON = """auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
"""


def open_house():
    house = House()
    house.want(YES, "setup")
    os.mkdir(house.path("pam.d"))
    for name, text in ("sshd", GOOGLE), ("common-auth", COMMON):
        with open(house.path(f"pam.d/{name}"), "w") as out:
            out.write(text)
    return house


def doctor(house, *words):
    return ["doctor", "--pam-dir", house.path("pam.d"), *words]


@test("what the doctor prints for programs fits its schema, of every case")
def _():
    house = open_house()
    for case in sorted(os.listdir(STACKS)):
        result = house.run(
            "--json", "doctor", "--pam-dir", f"{STACKS}/{case}/pam.d",
            "--service", "sshd")
        assert result.status in (YES, NO, UNKNOWN), (case, result)
        document = json.loads(result.out)
        fits(document, "doctor.json")
        assert (result.status == NO) == (document["worst"] == "fault"), result


@test("so does what it prints of this machine, whatever that is like")
def _():
    result = open_house().run("--json", "doctor")
    assert result.status in (YES, NO, UNKNOWN), result
    fits(json.loads(result.out), "doctor.json")


@test("a store or key that others could change, or that is gone, is a fault")
def _():
    house = open_house()

    def fix_of_store():
        found = house.json(*doctor(house, "--service", "sshd"), status=NO)
        rows = [row for row in found["findings"] if row["id"] == "store"]
        return rows[0]["fix"] if rows else ""

    assert fix_of_store() == ""
    os.chmod(house.path("key"), 0o644)
    assert f"chmod 0600 {house.path('key')}\n" in fix_of_store()
    os.chmod(house.path("key"), 0o600)
    os.chmod(house.store, 0o755)
    assert f"chmod 0700 {house.store}\n" in fix_of_store()
    os.chmod(house.store, 0o700)
    with open(os.path.join(house.store, "marker"), "r+b") as file:
        file.write(b"other")
    assert "from one backup" in fix_of_store()
    os.rename(house.store, house.path("elsewhere"))
    assert "from one backup" in fix_of_store()  # setup makes no half
    os.rename(house.path("key"), house.path("other"))
    assert fix_of_store() == "sallyport setup\n"
    os.rename(house.path("elsewhere"), house.store)
    assert "from one backup" in fix_of_store()


@test("moving from another module is a page to copy from")
def _():
    house = open_house()
    out = house.want(YES, *doctor(house, "--migrate")).out
    wanted = [
        "sshd, written anew:\n@include common-auth\n"
        f"auth requisite pam_sallyport.so config={house.config} explain\n"
        "account required pam_unix.so\n",
        "\nenrolment = optional\n",
        f"\nsallyport --config {house.config} import google-authenticator"
        " --all-homes\n",
        f"\nsallyport --config {house.config} doctor\n",
        "\n#   grace_period=60 (",
    ]
    for text in wanted:
        assert text in out, out
    assert out.isascii(), out


@test("settings that no line can name are told, before one is printed")
def _():
    house = open_house()
    path = house.config
    out = house.run(*doctor(house, "--service", "common-auth")).out
    assert f" pam_sallyport.so config={path} explain\n" in out, out
    house.config = house.path("the conf")
    os.rename(path, house.config)
    result = house.want(USAGE, *doctor(house, "--migrate"))
    assert "cannot stand in a PAM file" in result.err, result


@test("and a document that fits its schema")
def _():
    house = open_house()
    document = house.json(*doctor(house, "--migrate"))
    fits(document, "doctor-migrate.json")
    assert document["settings"] == ["enrolment = optional"], document
    assert [row["option"] for row in document["unequal"]] == [
        "grace_period=60"], document
    assert document["unequal"][0]["line"] == 2, document


@test("what is no UTF-8 in a stack spoils no document")
def _():
    house = open_house()
    with open(house.path("pam.d/sshd"), "wb") as out:
        out.write(b"# f\xfcr alle\n" * 40 + GOOGLE.encode() +
                  b"auth required pam_\xfc.so\n")
    document = house.json(*doctor(house, "--migrate"))
    fits(document, "doctor-migrate.json")
    assert len(document["files"][0]["lines"]) == 44, document
    fits(house.json(*doctor(house, "--service", "sshd"), status=NO),
         "doctor.json")


@test("a stack that has no such module is told, with status 1")
def _():
    house = open_house()
    result = house.want(NO, *doctor(house, "--migrate", "--service",
                                    "common-auth"))
    assert "neither pam_google_authenticator nor pam_oath" in result.err


@test("what was written anew, and the settings, leave the doctor nothing")
def _():
    house = open_house()
    document = house.json(*doctor(house, "--migrate"))
    with open(document["files"][0]["file"], "w") as out:
        out.write("\n".join(document["files"][0]["lines"]) + "\n")
    with open(house.config, "a") as out:
        out.write("\n".join(document["settings"]) + "\n")
    found = house.json(*doctor(house, "--service", "sshd", "--sshd-config",
                               "/no/such/file"), status=UNKNOWN)
    assert [row["id"] for row in found["findings"]] == ["sshd-unknown"], found
    house.want(NO, *doctor(house, "--migrate"))


sys.exit(main())
