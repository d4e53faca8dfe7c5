# Packages as distributions make them, and the proof that they serve.
# shellcheck shell=bash

package_dir=build/package
package_root=build/package-root/bookworm.tar

word_package() {
    case "$*" in
    deb | test) ;;
    *) die "package: it is './dev package deb' or './dev package test'" ;;
    esac
    [ "$(id -u)" = 0 ] || [ "$1" = deb ] ||
        die "package test makes a Debian of its own: run it as root"
    counting
    packages+=(debhelper lintian mmdebstrap)
    need_packages
    configure_build check --enable-werror CC=gcc
    pass_or_fail package-deb package_deb
    [ -n "$(find "$package_dir" -name '*.changes')" ] || return 0
    pass_or_fail package-lintian package_lintian
    [ "$1" = deb ] || package_test
    find "$package_dir" -name '*.deb' -printf '%p\n'
}

# From the tarball that anybody gets, with data/debian as debian/: packagers
# bring their own, so the tarball has none there.  The tests are the check's
# (DEB_BUILD_OPTIONS= runs them here, too).
package_deb() {
    local version source
    version=$(sed -n 's/^AC_INIT(\[sallyport\], \[\([^]]*\)\].*/\1/p' \
        configure.ac)
    source=$package_dir/sallyport-$version
    rm -rf "$package_dir"
    mkdir -p "$package_dir"
    make -C build/check dist &&
        mv "build/check/sallyport-$version.tar.xz" \
            "$package_dir/sallyport_$version.orig.tar.xz" &&
        tar -C "$package_dir" -xf "$package_dir/sallyport_$version.orig.tar.xz" &&
        cp -R "$source/data/debian" "$source/debian" &&
        package_sign "$source/debian" "$version" &&
        DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS-nocheck noautodbgsym parallel=$(nproc)} \
            in_folder "$source" dpkg-buildpackage -us -uc
}

# package_sign FOLDER VERSION: who made this package of which version, and when:
# at the last commit, so that the same sources make the same package.
package_sign() {
    local who
    who="${DEBFULLNAME:-The Sallyport authors}"
    who+=" <${DEBEMAIL:-sallyport@localhost}>"
    sed -i "s/@MAINTAINER@/$who/" "$1/control" &&
        cat >"$1/changelog" <<END
sallyport ($2-0local1) UNRELEASED; urgency=medium

  * Built by ./dev package deb.  NEWS tells what changed in $2.

 -- $who  $(date -R -d "@$(package_time)")
END
}

package_time() {
    echo "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null ||
        stat -c %Y configure.ac)}"
}

# Whoever passes packages on has an address (DEBEMAIL); this machine has none.
package_lintian() {
    lintian --allow-root \
        --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog --fail-on error,warning,info --display-info \
        "$package_dir"/*.changes
}

# On a fresh Debian 12, made once, and unpacked into memory for each run.
package_test() {
    if [ ! -e "$package_root" ]; then
        mkdir -p "${package_root%/*}"
        logged package-root mmdebstrap --format=tar \
            --variant=minbase --include=openssh-server bookworm "$package_root.new" &&
            mv "$package_root.new" "$package_root"
    fi
    start_tap 1 package-test env SALLYPORT_PACKAGES="$PWD/$package_dir" \
        SALLYPORT_ROOT="$PWD/$package_root" \
        /usr/bin/python3 -B dev.d/package-test.py
    finish_taps
}
