#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks sealed OFD files with software the project did not write (Java, BouncyCastle).
#   verify_ofd.sh TRUST_DIR FILE...
# Exit: 0 all good, 1 a check failed, 77 Java or BouncyCastle is missing.
set -euo pipefail
[ $# -ge 2 ] || { echo "verify_ofd.sh TRUST_DIR FILE..." >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
jar=${BCPROV_JAR:-/usr/share/java/bcprov.jar}
if ! command -v java >/dev/null || [ ! -f "$jar" ]; then
  echo "skipped: needs java and $jar (default-jdk-headless, libbcprov-java)" >&2
  exit 77
fi
exec java -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp "$jar" "$here/VerifyOfd.java" "$@"
