import InterlockModel

extension PolicySchema {
    /// The keys of `sandbox` (docs/specs/sandbox.md, section 8). Their defaults are those of the profile, and no part of
    /// the digested form.
    static let sandbox = Record("a sandbox") {
        Field(
            "profile", words(SandboxProfile.self),
            "The set of defaults: `isolated` for agents, `mcp` for stdio servers.")
        Field(
            "isolation", words(SandboxIsolation.self),
            "How strongly a run is separated from its host (default: `full`).")
        Field("minimum", words(SandboxIsolation.self), "Refuse to run below (default: `full`).")
        Field("backend", words(SandboxBackend.self), "What builds it (default: `auto`).")
        Field(
            "allow_missing", .list(.scalar(.word(["landlock"])), unordered: true),
            "Layers that the kernel may lack (default: none).")
        Field("workspace", .record(workspace), "The folder it works in.")
        Field(
            "read", texts,
            "Absolute paths of the host that it may read besides, never homes or credentials.")
        Field(
            "writable_cache", texts,
            "Folders that outlive a run, for an agent below `/home/agent` inside.")
        Field(
            "env", .map(.variable, .scalar(.text)),
            "Variables that are set (default: `LANG: C.UTF-8`).")
        Field(
            "pass_env", texts,
            "Variables copied from the caller, never one whose name looks like a secret's.")
        Field("secrets", .list(.record(secret), unordered: true), "Secrets it is given.")
        Field("egress", egress, "What it may reach, by hosts in their canonical form.")
        Field("models", .list(.record(model), unordered: true), "Model providers, keyless.")
        Field(
            "resolver", .list(.scalar(.text), single: true),
            "Who answers its names: `system` (the default), or up to three `address:port`.")
        Field(
            "network", .scalar(.word(ServerNetwork.allCases.map(\.rawValue))),
            "`host`: the machine's network, for stdio servers alone. Without it, none.")
        Field("limits", .record(runLimits), "What a run may use.")
        Field("allow_debug", .scalar(.bool), "Whether its processes may trace each other.")
        Field(
            "tty", words(SandboxTerminal.self),
            "Whether it has a terminal: `auto` if the caller has one.")
        Field("cli_may_widen", .scalar(.bool), "Whether flags may add to it (default: no).")
        Field(
            "on_lease_loss", words(SandboxLeaseLoss.self),
            "If the gateway does not respond: `stop` (default) closes connections; `kill` also ends the run after 60 s."
        )
    }

    /// One word of a closed set.
    static func words<Word>(_: Word.Type) -> Shape
    where Word: CaseIterable & RawRepresentable, Word.RawValue == String {
        .scalar(.word(Word.allCases.map(\.rawValue)))
    }

    /// A key of `connect`.
    static let listenerOwner = Field(
        "uid", .scalar(.integer(0...4_294_967_294)),
        "The user whose process must answer at a loopback address of plain `http`.")

    /// A key of `connect`.
    static let privateNames = Field(
        "private", .scalar(.bool),
        "Whether the name in `http` may lead to a private or loopback address (default: no).")

    private static let texts: Shape = .list(.scalar(.text), unordered: true)
    private static let workspace = Record("`workspace`") {
        Field(
            "mode", words(SandboxWorkspace.Mode.self),
            "How it is seen: `overlay` for agents, `none` for servers.")
        Field("hide", texts, "Names that are not shown, in place of the usual ones.")
        Field("hide_extra", texts, "More names that are not shown.")
        Field(
            "max_bytes", .scalar(.byteCount),
            "What may be written, 1MiB to 1024GiB (default: 2GiB).")
        Field(
            "on_exit", words(SandboxWorkspace.OnExit.self),
            "What becomes of changes (default: `ask`).")
    }
    private static let secret = Record("a secret") {
        Field("name", .scalar(.text), "Its name inside.", required: true)
        Field(
            "from", .scalar(.text),
            "`provider:name`; the providers are `files`, `env`, `systemd` and `commands`, for servers `files`.",
            required: true)
        Field("as", words(SandboxSecret.Form.self), "How it comes in (default: `env`).")
    }
    private static let model = Record("a model provider") {
        Field("name", .scalar(.text), "Its name inside.", required: true)
        Field(
            "upstream", .scalar(.url),
            "Its address, as clients state it: `https`, or `http` to a private address in digits.",
            required: true)
        Field(
            "key", .scalar(.text), "The secret that is added outside, as `provider:name`.",
            required: true)
        Field(
            "private", .scalar(.bool),
            "Whether its addresses may be private or loopback ones (default: no).")
    }
    private static let runLimits = Record("`sandbox.limits`") {
        Field("wall", .scalar(.duration), "Time, at most `31d` (default: `30m`; servers: none).")
        Field("cpu", .scalar(.integer(1...1024)), "Processors (default: 2; servers: 1).")
        Field(
            "memory", .scalar(.byteCount),
            "Memory, 16MiB to 1024GiB (default: 4GiB; servers: 512MiB).")
        Field("pids", .scalar(.integer(1...1_000_000)), "Processes (default: 512; servers: 128).")
        Field("nofile", .scalar(.integer(8...1_048_576)), "Open files (default: 4096).")
        Field(
            "file_size", .scalar(.byteCount), "The largest file, 1MiB to 1024GiB (default: 1GiB).")
        Field("tmp", .scalar(.byteCount), "Temporary files, 1MiB to 1024GiB (default: 512MiB).")
        Field(
            "require_cgroup", .scalar(.bool), "Whether to refuse without a cgroup (default: no).")
    }
}
