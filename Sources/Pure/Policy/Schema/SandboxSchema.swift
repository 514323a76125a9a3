import InterlockModel

extension PolicySchema {
    /// The keys of `sandbox` (docs/specs/sandbox.md, section 8). They are read and digested here, and
    /// enforced by the sandbox.
    static let sandbox = Record("a sandbox") {
        Field("profile", .scalar(.word(["isolated", "mcp"])), "The set of defaults.")
        Field("isolation", .scalar(.word(["full", "reduced", "none"])), "How strong.")
        Field("minimum", .scalar(.word(["full", "reduced", "none"])), "Refuse to run below.")
        Field("backend", .scalar(.word(["auto", "own", "bwrap"])), "What builds it.")
        Field("allow_missing", .list(.scalar(.word(["landlock"])), unordered: true), "Layers.")
        Field("workspace", .record(workspace), "The folder it works in.")
        Field("read", texts, "What it may read besides.")
        Field("writable_cache", texts, "Caches that outlive a run.")
        Field("env", .map(.variable, .scalar(.text)), "Variables that are set.")
        Field("pass_env", texts, "Variables copied from the caller.")
        Field("secrets", .list(.record(secret), unordered: true), "Secrets it is given.")
        Field("egress", egress, "What it may reach.")
        Field("models", .list(.record(model), unordered: true), "Model providers, keyless.")
        Field("resolver", .list(.scalar(.text), single: true), "Who answers its names.")
        Field(
            "network", .scalar(.word(ServerNetwork.allCases.map(\.rawValue))),
            "`host`: the machine's network, for stdio servers alone. Without it, none.")
        Field("limits", .record(runLimits), "What a run may use.")
        Field("allow_debug", .scalar(.bool), "Whether its processes may trace each other.")
        Field("tty", .scalar(.word(["auto", "always", "never"])), "Whether it has a terminal.")
        Field("cli_may_widen", .scalar(.bool), "Whether flags may add to it.")
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
        Field("mode", .scalar(.word(["overlay", "direct", "copy", "none"])), "How it is seen.")
        Field("hide", texts, "Names that are not shown.")
        Field("hide_extra", texts, "More names that are not shown.")
        Field("max_bytes", .scalar(.byteCount), "What may be written.")
        Field("on_exit", .scalar(.word(["ask", "keep", "discard"])), "What becomes of changes.")
    }
    private static let secret = Record("a secret") {
        Field("name", .scalar(.text), "Its name inside.", required: true)
        Field("from", .scalar(.text), "`provider:name`.", required: true)
        Field("as", .scalar(.word(["env", "file"])), "How it comes in.")
    }
    private static let model = Record("a model provider") {
        Field("name", .scalar(.text), "Its name inside.", required: true)
        Field("upstream", .scalar(.url), "Its address.", required: true)
        Field("key", .scalar(.text), "The secret that is added outside.", required: true)
    }
    private static let runLimits = Record("`sandbox.limits`") {
        Field("wall", .scalar(.duration), "Time.")
        Field("cpu", .scalar(.integer(1...1024)), "Processors.")
        Field("memory", .scalar(.byteCount), "Memory.")
        Field("pids", .scalar(.integer(1...1_000_000)), "Processes.")
        Field("nofile", .scalar(.integer(8...1_048_576)), "Open files.")
        Field("file_size", .scalar(.byteCount), "The largest file.")
        Field("tmp", .scalar(.byteCount), "Temporary files.")
        Field("require_cgroup", .scalar(.bool), "Whether to refuse without a cgroup.")
    }
}
