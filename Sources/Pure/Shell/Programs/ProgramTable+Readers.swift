extension ProgramTable {
    /// Programs that read files and the state of the machine.
    static let readers: [(String, ProgramRule)] = [
        (
            """
            ls dir vdir pwd cat head tail nl tac rev cut tr wc grep egrep fgrep echo true false : sleep cd \
            basename dirname realpath readlink stat du df type which whereis whoami id groups uname uptime \
            free nproc tty locale seq printenv comm cmp diff cksum sum b2sum md5sum sha1sum sha224sum \
            sha256sum sha384sum sha512sum shasum column expand unexpand fold fmt paste join od hexdump strings \
            ps pgrep jq tsort factor getconf readelf logname users who vmstat lscpu lsblk expr zcat bzcat \
            xzcat zipinfo
            """, .any(.read)
        ),
        ("exit return break continue shift wait pushd popd dirs times", .special(.builtin)),
        ("printf", .special(.builtin)),
        ("jobs", .options(.read, ProgramOptions("lnprs"))),
        (
            "sort",
            .options(
                .read,
                ProgramOptions(
                    "bcCdfghiMmnRrsuVz0123456789k:t:S:",
                    "reverse numeric-sort unique key field-separator ignore-case version-sort human-numeric-sort stable check zero-terminated general-numeric-sort month-sort random-sort",
                    raising: [.write: "-o --output"]))
        ),
        (
            "uniq",
            .options(
                .read,
                ProgramOptions(
                    "cdDiuzf:s:w:", "count repeated unique ignore-case skip-fields skip-chars",
                    operands: (1, .write)))
        ),
        ("xxd", .options(.read, ProgramOptions("abeipuc:g:l:s:", operands: (1, .write)))),
        ("base64 base32", .options(.read, ProgramOptions("dDiw:", "decode wrap ignore-garbage"))),
        (
            "date",
            .options(
                .read,
                ProgramOptions(
                    "uRI:d:r:", "utc rfc-3339 iso-8601 date rfc-email reference", plus: true,
                    operands: (0, .production)))
        ),
        ("hostname", .options(.read, ProgramOptions("fsidIA", operands: (0, .production)))),
        (
            "file",
            .options(
                .read,
                ProgramOptions("bikLhsz0pNr", "brief mime mime-type mime-encoding dereference"))
        ),
        (
            "tree",
            .options(
                .read,
                ProgramOptions(
                    "adfilpsugDFrtxJXhvcUQNCnL:P:I:",
                    "noreport dirsfirst du gitignore prune inodes device charset filelimit matchdirs sort",
                    raising: [.write: "-o"]))
        ),
        (
            "rg",
            .options(
                .read,
                ProgramOptions(
                    "nNilLvwcoFSsxUPHIhpqa0.uA:B:C:e:g:m:t:T:r:j:M:d:E:f:",
                    """
                    files files-with-matches files-without-match line-number no-line-number ignore-case smart-case \
                    case-sensitive fixed-strings word-regexp count count-matches only-matching glob iglob type \
                    type-not type-list hidden no-ignore no-ignore-vcs no-heading heading color colors column context after-context \
                    before-context max-count max-depth multiline multiline-dotall pcre2 json stats sort sortr \
                    invert-match vimgrep with-filename no-filename null replace max-columns max-filesize \
                    follow text no-messages regexp debug trim version help
                    """))
        ),
        (
            "fd fdfind",
            .options(
                .read,
                ProgramOptions(
                    "HIugsiapL0e:t:d:E:S:c:",
                    "hidden no-ignore glob case-sensitive ignore-case absolute-path full-path follow extension type max-depth min-depth exclude color size changed-within changed-before print0",
                    raising: [.arbitrary: "-x -X --exec --exec-batch"]))
        ),
        ("sed", .special(.sed)),
        ("awk gawk mawk nawk", .special(.awk)),
        ("find", .special(.find)),
        ("test [ [[", .special(.test)),
        ("set", .special(.set)),
        ("read", .special(.read)),
        ("export", .special(.export)),
        ("command", .special(.command)),
        (
            "yq",
            .options(
                .read,
                ProgramOptions(
                    "rjcyPno:p:I:", "raw-output json-output output-format input-format null-input",
                    raising: [.write: "-i --inplace --in-place"]))
        ),
        ("unzip", .options(.write, ProgramOptions("lvtonquxd:"))),
        (
            "tar bsdtar gtar", .special(.tar)
        ),
    ]
}
