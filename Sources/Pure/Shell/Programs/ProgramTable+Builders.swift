extension ProgramTable {
    /// Programs that build, test, format and install.
    static let builders: [(String, ProgramRule)] = [
        (
            "swift",
            .subcommands(
                ProgramSubcommands(
                    bare: .arbitrary,
                    [
                        (
                            "test build",
                            .options(
                                .test,
                                ProgramOptions(
                                    "c:vqj:l",
                                    "configuration filter skip parallel no-parallel verbose quiet enable-code-coverage target product list-tests show-bin-path build-tests jobs num-workers list skip-build very-verbose"
                                ))
                        ),
                        ("--version -version --help", .options(.read, ProgramOptions())),
                        (
                            "format",
                            .options(
                                .write,
                                ProgramOptions(
                                    "irsp", "in-place recursive strict parallel lint mode"))
                        ),
                        (
                            "package",
                            .subcommands(
                                ProgramSubcommands(
                                    bare: .read,
                                    [
                                        (
                                            "describe dump-package show-dependencies tools-version",
                                            .options(.test, ProgramOptions("", "type format"))
                                        ),
                                        ("resolve update", .any(.arbitrary)),
                                        ("clean reset purge-cache", .any(.delete)),
                                    ]))
                        ),
                        ("run", .code),
                    ]))
        ),
        (
            "cargo",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "test build check clippy nextest bench doc",
                            .options(
                                .test,
                                ProgramOptions(
                                    "vqrp:j:F:",
                                    "release workspace all all-targets all-features no-default-features features package lib bins bin tests test doc no-run verbose quiet locked offline frozen nocapture exact ignored include-ignored test-threads show-output jobs message-format profile no-deps no-fail-fast color"
                                ))
                        ),
                        (
                            "fmt",
                            .options(
                                .write, ProgramOptions("vqp:", "all check package quiet verbose"))
                        ),
                        (
                            "tree metadata version --version search",
                            .options(
                                .read,
                                ProgramOptions(
                                    "Vvie:p:d:",
                                    "version depth no-deps format-version locked offline edges invert package duplicates all-features"
                                ))
                        ),
                        ("clean", .any(.delete)),
                        ("publish yank owner", .any(.push)),
                        ("run install add remove update fix init new", .any(.arbitrary)),
                    ]))
        ),
        (
            "go",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "test build vet",
                            .options(
                                .test,
                                ProgramOptions(
                                    "",
                                    "v run count race short cover coverprofile timeout bench benchmem benchtime parallel failfast json tags cpu p list shuffle skip trimpath",
                                    isSingleDash: true,
                                    raising: [.write: "-o"]))
                        ),
                        ("fmt", .any(.write)),
                        (
                            "version list doc env",
                            .options(
                                .read,
                                ProgramOptions(
                                    "", "m json f deps test u v all short src", isSingleDash: true,
                                    raising: [.arbitrary: "-w"]))
                        ),
                        ("clean", .any(.delete)),
                        ("run generate get install mod work tool", .any(.arbitrary)),
                    ]))
        ),
        (
            "pytest py.test",
            .options(
                .test,
                ProgramOptions(
                    "vqxslhk:m:n:r:0123456789",
                    "verbose quiet exitfirst maxfail last-failed lf failed-first ff tb durations collect-only co cov cov-report no-cov no-header no-summary capture color showlocals stepwise sw markers fixtures strict-markers timeout reruns disable-warnings version help",
                    raising: [.arbitrary: "-p -c -o"]))
        ),
        (
            "npm pnpm yarn",
            .subcommands(
                ProgramSubcommands(
                    bare: .arbitrary,
                    [
                        (
                            "test t tst",
                            .options(
                                .test,
                                ProgramOptions(
                                    "sw:",
                                    "silent workspace workspaces if-present watchAll coverage bail ci runInBand verbose testNamePattern"
                                ))
                        ),
                        (
                            "ls list outdated view info why audit explain --version -v root prefix",
                            .options(
                                .read,
                                ProgramOptions(
                                    "gvl",
                                    "depth json all long global version prod omit audit-level parseable"
                                ))
                        ),
                        ("publish unpublish deprecate dist-tag owner access team", .any(.push)),
                        ("run run-script exec x dlx", .tasks),
                        (
                            "install i ci add remove uninstall update up link init create config set rebuild pack version",
                            .any(.arbitrary)
                        ),
                    ]))
        ),
        (
            "make gmake just task rake invoke nox tox gradle gradlew mvn mvnw ant bazel buck2 ninja cmake meson dune mage grunt gulp turbo nx lerna fastlane bundle npx bunx uvx pipx uv poetry hatch pdm pre-commit lefthook husky direnv mise asdf nix nix-shell nix-build devenv",
            .tasks
        ),
        (
            "ctest",
            .options(
                .test,
                ProgramOptions(
                    "VNj:R:E:L:C:",
                    "output-on-failure verbose parallel rerun-failed test-dir build-config show-only"
                ))
        ),
        (
            "tsc",
            .options(
                .test,
                ProgramOptions(
                    "pv", "noEmit project pretty version strict skipLibCheck incremental",
                    raising: [.write: "-w -b --build --outDir --outFile --watch --init"]))
        ),
        (
            "mypy pyright ty flake8 pylint shellcheck yamllint hadolint actionlint markdownlint codespell",
            .options(
                .test,
                ProgramOptions(
                    "vqxs:f:e:S:o:",
                    "strict verbose show-error-codes pretty ignore-missing-imports severity shell format exclude outputjson disable enable external-sources errors-only"
                ))
        ),
        (
            "ruff",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "check",
                            .options(
                                .test,
                                ProgramOptions(
                                    "qvn",
                                    "select ignore extend-select output-format show-fixes statistics quiet verbose no-cache diff exit-zero preview",
                                    raising: [.write: "--fix --unsafe-fixes --add-noqa"]))
                        ),
                        (
                            "format",
                            .options(
                                .write,
                                ProgramOptions("qv", "check diff line-length quiet verbose preview")
                            )
                        ),
                        (
                            "rule linter version --version",
                            .options(.read, ProgramOptions("", "all output-format"))
                        ),
                    ]))
        ),
        (
            "eslint prettier stylelint biome dprint",
            .options(
                .test,
                ProgramOptions(
                    "cl", "check list-different max-warnings ext quiet format no-color cache",
                    raising: [.write: "--fix --write -w"]))
        ),
        (
            "black isort gofmt goimports rustfmt clang-format swift-format autopep8 yapf shfmt swiftformat",
            .options(
                .write,
                ProgramOptions(
                    "qvwlidsr",
                    "check diff quiet verbose in-place recursive lint strict line-length"))
        ),
        (
            "jest vitest mocha rspec phpunit busted bats",
            .options(
                .test,
                ProgramOptions(
                    "vwtib",
                    "run coverage watch bail verbose runInBand testNamePattern grep silent ci no-coverage color reporter"
                ))
        ),
        (
            "twine flit",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        ("upload publish", .any(.push)), ("check", .any(.read)),
                        ("build", .any(.arbitrary)),
                    ]))
        ),
        (
            "gem",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        ("push yank owner", .any(.push)), ("list search info", .any(.read)),
                        ("install build", .any(.arbitrary)),
                    ]))
        ),
        (
            "pip pip3",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        (
                            "list show freeze check --version",
                            .options(.read, ProgramOptions("f", "format outdated"))
                        ), ("uninstall", .any(.delete)),
                        ("install download wheel config", .any(.arbitrary)),
                    ]))
        ),
        (
            "apt apt-get dnf yum zypper apk pacman brew snap port",
            .subcommands(
                ProgramSubcommands(
                    bare: .read,
                    [
                        ("list search show info policy", .options(.read, ProgramOptions())),
                        ("remove purge autoremove erase uninstall", .any(.delete)),
                        ("install update upgrade", .any(.arbitrary)),
                    ]))
        ),
    ]
}
