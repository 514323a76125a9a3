extension ProgramTable {
    /// Git. Its configuration can run programs too, which the sandbox bounds.
    static let git: [(String, ProgramRule)] = [
        (
            "git",
            .subcommands(
                ProgramSubcommands(
                    globals: CommandWrapper(
                        "PC:",
                        "no-pager no-optional-locks literal-pathspecs glob-pathspecs version help",
                        valuedNames: "git-dir work-tree"),
                    globalsRunCode: true, gitCommands))
        ),
        ("git-push git-send-pack git-http-push git-send-email", .any(.push)),
        ("git-rm git-clean git-filter-branch git-filter-repo", .any(.delete)),
        (
            "gh glab hub",
            .subcommands(
                ProgramSubcommands([
                    (
                        "pr mr",
                        .subcommands(
                            ProgramSubcommands(
                                bare: .read,
                                [
                                    ("view list status diff checks", forgeReading),
                                    ("checkout", .any(.write)),
                                    (
                                        "create edit comment review close reopen ready lock",
                                        .any(.push)
                                    ),
                                    ("merge", .any(.deploy)),
                                ]))
                    ),
                    (
                        "issue",
                        .subcommands(
                            ProgramSubcommands(
                                bare: .read,
                                [
                                    ("view list status", forgeReading),
                                    (
                                        "create edit comment close reopen transfer pin unpin lock",
                                        .any(.push)
                                    ),
                                    ("delete", .any(.production)),
                                ]))
                    ),
                    (
                        "run workflow cache ruleset label search status",
                        .subcommands(
                            ProgramSubcommands(
                                bare: .read,
                                [
                                    ("view list watch issues prs repos commits code", forgeReading),
                                    ("run rerun cancel enable disable", .any(.deploy)),
                                    ("delete create edit", .any(.production)),
                                ]))
                    ),
                    (
                        "repo release gist project secret variable ssh-key gpg-key org codespace",
                        .subcommands(
                            ProgramSubcommands(
                                bare: .read,
                                [
                                    ("view list", forgeReading),
                                    ("clone download fork", .any(.arbitrary)),
                                    ("create upload edit sync", .any(.deploy)),
                                    (
                                        "delete set remove rename archive unarchive add",
                                        .any(.production)
                                    ),
                                ]))
                    ),
                    ("api auth alias extension config", .code),
                ]))
        ),
    ]

    private static let forgeReading = ProgramRule.options(
        .read,
        ProgramOptions(
            "cL:s:a:R:l:S:H:B:A:",
            "json jq limit state author repo label search comments name-only patch template head base assignee log log-failed"
        ))

    private static let gitCommands: [(String, ProgramRule)] = [
        (
            "status",
            .options(
                .read,
                ProgramOptions(
                    "sbvzu:",
                    "short branch porcelain long verbose show-stash untracked-files ignored ignore-submodules column no-column ahead-behind no-ahead-behind renames no-renames"
                ))
        ),
        ("log show diff whatchanged shortlog", .options(.read, history)),
        ("diff-tree diff-index diff-files range-diff", .options(.read, history)),
        (
            "blame annotate",
            .options(
                .read,
                ProgramOptions(
                    "wsefnlptcL:C:M:",
                    "show-name show-number show-email porcelain line-porcelain incremental date abbrev since root color-lines color-by-age minimal"
                ))
        ),
        (
            "grep",
            .options(
                .read,
                ProgramOptions(
                    "nilLvwcoEFGPhHqWpzae:A:B:C:m:0123456789",
                    "line-number ignore-case name-only files-with-matches files-without-match count word-regexp invert-match extended-regexp fixed-strings perl-regexp break heading color no-color cached untracked no-index show-function function-context max-depth max-count and or not all-match context after-context before-context text recurse-submodules column only-matching"
                ))
        ),
        (
            "ls-files ls-tree",
            .options(
                .read,
                ProgramOptions(
                    "cdmoiskuztrlvfx:",
                    "cached deleted modified others ignored stage directory unmerged killed exclude exclude-standard full-name error-unmatch name-only name-status long abbrev full-tree deduplicate eol format object-only"
                ))
        ),
        (
            "rev-parse rev-list describe merge-base name-rev cat-file for-each-ref show-ref show-branch count-objects check-ignore check-attr var cherry patch-id verify-commit verify-tag fsck version",
            .options(
                .read,
                ProgramOptions(
                    "qvsdpteahcnl0123456789",
                    "show-toplevel show-prefix show-cdup git-dir absolute-git-dir is-inside-work-tree is-bare-repository abbrev-ref symbolic-full-name verify short quiet all branches tags remotes count max-count since until after before author grep oneline first-parent left-right cherry-pick merges no-merges reverse topo-order date-order objects parents children not always long dirty broken abbrev match exclude contains candidates exact-match is-ancestor fork-point independent octopus refs name-only batch batch-check format sort points-at merged no-merged heads head hash dereference verbose human-readable path-format git-common-dir git-path"
                ))
        ),
        (
            "reflog",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [("show exists", .options(.read, history)), ("expire delete", .any(.delete))]))
        ),
        (
            "branch",
            .options(
                .read,
                ProgramOptions(
                    "avrlq",
                    "list all remotes show-current contains no-contains merged no-merged sort format column no-column color no-color points-at verbose ignore-case abbrev",
                    raising: [
                        .delete: "-d -D --delete -f -M -C --force",
                        .write:
                            "-m -c --move --copy --track -t --set-upstream-to -u --unset-upstream --no-track",
                    ], operands: (0, .write)))
        ),
        (
            "tag",
            .options(
                .read,
                ProgramOptions(
                    "ln:",
                    "list sort format contains no-contains merged no-merged points-at column no-column color ignore-case",
                    raising: [
                        .delete: "-d --delete -f --force",
                        .write: "-a --annotate -m --message -s --sign -u -F --file",
                    ], operands: (0, .write)))
        ),
        (
            "stash",
            .subcommands(
                ProgramSubcommands(
                    bare: .write,
                    [
                        ("list show", .options(.read, history)),
                        ("push save apply pop branch create store", .any(.write)),
                        ("drop clear", .any(.delete)),
                    ]))
        ),
        (
            "remote",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        ("get-url", .options(.read, ProgramOptions("", "all push"))),
                        (
                            "-v --verbose",
                            .options(.read, ProgramOptions(operands: (0, .arbitrary)))
                        ), ("remove rm prune", .any(.delete)),
                    ]))
        ),
        ("config", .options(.arbitrary, ProgramOptions())),
        (
            "worktree",
            .subcommands(
                ProgramSubcommands(
                    bare: .arbitrary,
                    [
                        ("list", .options(.read, ProgramOptions("vz", "porcelain verbose"))),
                        ("add lock unlock move repair", .any(.write)),
                        ("remove prune", .any(.delete)),
                    ]))
        ),
        (
            "submodule",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "status summary",
                            .options(.read, ProgramOptions("", "recursive cached quiet"))
                        ), ("deinit", .any(.delete)), ("foreach update add init sync", .code),
                    ]))
        ),
        (
            "notes",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        ("list show", .options(.read, ProgramOptions())),
                        ("add append copy edit", .any(.write)), ("remove prune", .any(.delete)),
                    ]))
        ),
        (
            "add stage commit mv merge cherry-pick revert am apply init commit-tree write-tree hash-object read-tree rerere format-patch archive bundle mailinfo sparse-checkout",
            .options(
                .write,
                ProgramOptions(
                    "avpuAnNqsSemkxR0123456789F:C:c:m:p:o:",
                    "all amend message file no-edit edit signoff no-signoff allow-empty allow-empty-message verbose quiet dry-run intent-to-add update patch author date fixup squash reuse-message no-commit no-ff ff ff-only abort continue quit skip mainline strategy-option index cached check stat numstat reverse 3way whitespace include exclude directory stdin cover-letter output-directory subject-prefix trailer chmod pathspec-from-file",
                    raising: [.delete: "-f --force"]))
        ),
        (
            "switch",
            .options(
                .write,
                ProgramOptions(
                    "cdtq", "create detach track no-track quiet guess no-guess orphan",
                    raising: [.delete: "-f --force --discard-changes -C --force-create"]))
        ),
        (
            "checkout",
            .subcommands(
                ProgramSubcommands(
                    bare: .read, unlisted: .delete,
                    [
                        (
                            "-b --orphan",
                            .options(.write, ProgramOptions("qt", "quiet track no-track"))
                        )
                    ]))
        ),
        (
            "fetch pull",
            .options(
                .write,
                ProgramOptions(
                    "pqvatnk",
                    "all prune tags no-tags quiet verbose depth dry-run rebase no-rebase ff-only no-ff autostash no-autostash shallow-since unshallow jobs",
                    operands: (2, .arbitrary)))
        ),
        (
            "rm clean restore reset gc prune prune-packed repack filter-branch filter-repo update-ref symbolic-ref replace",
            .any(.delete)
        ),
        ("push send-pack http-push send-email imap-send", .any(.push)),
        (
            "lfs",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "ls-files status env",
                            .options(.read, ProgramOptions("lsad", "all long size"))
                        ), ("push", .any(.push)), ("prune dedup", .any(.delete)),
                        ("track untrack pull fetch checkout migrate install", .any(.arbitrary)),
                    ]))
        ),
        (
            "svn",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        ("dcommit commit-diff set-tree branch tag", .any(.push)),
                        ("log info", .any(.read)), ("fetch rebase clone init", .any(.arbitrary)),
                    ]))
        ),
        (
            "subtree",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [("push", .any(.push)), ("add merge pull split", .any(.arbitrary))]))
        ),
        ("p4", .subcommands(ProgramSubcommands(bare: .read, [("submit", .any(.push))]))),
        ("cvsexportcommit", .any(.push)),
        (
            "rebase bisect clone ls-remote difftool mergetool daemon instaweb shell maintenance gui gitk citool credential upload-pack receive-pack upload-archive fast-import fast-export remote-ext remote-http hook",
            .code
        ),
    ]

    /// The options of what shows history and differences. `--ext-diff`, `--textconv` and `--output` are not among them.
    private static let history = ProgramOptions(
        "psuwbtzarcmiqgRWEFPX0123456789n:U:L:S:G:M:B:C:D:l:",
        """
        stat numstat shortstat dirstat summary name-only name-status oneline graph all branches tags remotes decorate \
        no-decorate decorate-refs cached staged merge-base no-color color color-words color-moved word-diff \
        word-diff-regex patch no-patch patch-with-stat raw unified since until after before author committer grep \
        invert-grep all-match max-count skip follow format pretty abbrev-commit no-abbrev-commit abbrev reverse \
        first-parent merges no-merges min-parents max-parents ignore-all-space ignore-space-change ignore-space-at-eol \
        ignore-blank-lines ignore-cr-at-eol no-ext-diff no-textconv no-renames find-renames find-copies \
        find-copies-harder diff-filter exit-code quiet check text binary full-index minimal patience histogram \
        anchored diff-algorithm function-context inter-hunk-context full-diff date relative-date relative no-relative \
        left-right cherry-pick cherry-mark cherry boundary topo-order date-order author-date-order no-walk walk-reflogs \
        simplify-by-decoration ancestry-path full-history dense sparse show-pulls source notes no-notes show-notes \
        no-index no-prefix src-prefix dst-prefix default-prefix line-prefix submodule ignore-submodules numbered email \
        regexp-ignore-case extended-regexp fixed-strings perl-regexp basic-regexp pickaxe-all pickaxe-regex break-rewrites \
        combined-all-paths cc root recursive compact-summary stat-width stat-name-width stat-count stat-graph-width \
        no-mailmap use-mailmap log-size encoding expand-tabs no-expand-tabs show-linear-break glob exclude creation-factor \
        diff-merges no-diff-merges
        """)
}
