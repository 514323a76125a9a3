import InterlockModel

/// Reads a typed `sandbox`: fills in the defaults of its profile, and reports what contradicts itself or no sandbox
/// gives. Reading never stops at the first finding.
struct SandboxReader {
    let value: TypedValue
    let subject: SandboxSpec.Subject
    var settings: SandboxSettings
    var findings = Findings()
    var warnings: [Located<SandboxWarning>] = []

    /// The most entries of one list or mapping.
    static let mostEntries = 200

    init(_ value: TypedValue, of subject: SandboxSpec.Subject) {
        self.value = value
        self.subject = subject
        let profile = value["profile"]?.text.flatMap(SandboxProfile.init) ?? subject.profile
        settings = .defaults(of: profile)
    }

    mutating func read() {
        readIsolation()
        readWorkspace()
        readPaths()
        readVariables()
        readModels()
        readResolver()
        readLimits()
        settings.egress = readEgress(value["egress"])
        if let debug = value["allow_debug"]?.flag { settings.allowsDebug = debug }
        if let terminal = value["tty"]?.text.flatMap(SandboxTerminal.init) {
            settings.terminal = terminal
        }
        if let loss = value["on_lease_loss"]?.text.flatMap(SandboxLeaseLoss.init) {
            settings.onLeaseLoss = loss
        }
        if let widen = value["cli_may_widen"], let flag = widen.flag {
            settings.mayBeWidened = flag
            if flag {
                warnWeak(
                    at: widen, "cli_may_widen: who starts a run can add hosts and paths",
                    remedy: "name in `egress` and `read` what a run needs")
            }
        }
    }

    mutating func report(
        _ code: FindingCode, at part: some PolicyPart, _ message: String, help: String? = nil
    ) { findings.add(code, at: part, message, help: help) }

    mutating func warn(_ warning: SandboxWarning, at part: some PolicyPart) {
        warnings.append(Located(warning, of: part))
    }

    mutating func warnWeak(at part: some PolicyPart, _ words: String, remedy: String) {
        warn(.weak(words, remedy: remedy), at: part)
    }

    /// Reports a list with too many entries, and returns its first ones.
    mutating func bounded(_ list: TypedValue?, _ key: String) -> ArraySlice<TypedValue> {
        guard let list else { return [] }
        if list.items.count > Self.mostEntries {
            report(.tooLarge, at: list, "\(key): more than \(Self.mostEntries) entries")
        }
        return list.items.prefix(Self.mostEntries)
    }

    private mutating func readIsolation() {
        if let network = value["network"]?.text.flatMap(ServerNetwork.init) {
            // An agent that states it has a finding of its own.
            settings.network = subject == .agent ? .own : network
        }
        if let backend = value["backend"]?.text.flatMap(SandboxBackend.init) {
            settings.backend = backend
        }
        if let isolation = value["isolation"], let level = level(of: isolation) {
            settings.isolation = level
            if level < .full {
                warnWeak(
                    at: isolation, "isolation: `\(level.rawValue)` is weaker than `full`",
                    remedy: "leave it out where namespaces are available")
            }
        }
        if let minimum = value["minimum"], let level = level(of: minimum) {
            settings.minimum = level
            if level < .full, settings.isolation == .full {
                warnWeak(
                    at: minimum, "minimum: a run may be started with `\(level.rawValue)`",
                    remedy: "leave it out where namespaces are available")
            }
        }
        if settings.minimum > settings.isolation {
            report(
                .unfitSandbox, at: value["minimum"] ?? value["isolation"] ?? value,
                "minimum: `\(settings.minimum.rawValue)` is above isolation "
                    + "`\(settings.isolation.rawValue)`, so no run can start",
                help: "write `minimum: \(settings.isolation.rawValue)`, or raise `isolation`")
        }
        if let missing = value["allow_missing"], !missing.items.isEmpty {
            settings.toleratesMissingLandlock = true
            warnWeak(
                at: missing, "allow_missing: a run may be started without Landlock",
                remedy: "leave it out where the kernel has Landlock")
        }
    }

    private func level(of value: TypedValue) -> SandboxIsolation? {
        value.text.flatMap(SandboxIsolation.init)
    }

    private mutating func readWorkspace() {
        guard let workspace = value["workspace"] else { return }
        if let mode = workspace["mode"]?.text.flatMap(SandboxWorkspace.Mode.init) {
            settings.workspace.mode = mode
        }
        if let onExit = workspace["on_exit"]?.text.flatMap(SandboxWorkspace.OnExit.init) {
            settings.workspace.onExit = onExit
        }
        if let size = size(of: workspace["max_bytes"], "max_bytes", Self.sizes) {
            settings.workspace.maxBytes = size
        }
        let extra = patterns(workspace["hide_extra"], "hide_extra")
        guard workspace["hide"] != nil || !extra.isEmpty else { return }
        let hidden = workspace["hide"].map { patterns($0, "hide") } ?? settings.workspace.hidden
        settings.workspace.hidden = Set(hidden + extra).sorted()
        if let hide = workspace["hide"], settings.workspace.hidden.isEmpty {
            warnWeak(
                at: hide, "hide: no name of the workspace is hidden, keys and `.env` included",
                remedy: "leave it out for the usual names, and add others by `hide_extra`")
        }
    }

    /// A slash, and what means more in the patterns of a shell than here.
    private static let patternRefused = Array("/[]{}\\".utf8)

    /// Reads patterns of single names.
    private mutating func patterns(_ list: TypedValue?, _ key: String) -> [String] {
        bounded(list, key).compactMap { item in
            guard let text = item.text else { return nil }
            let isName =
                (1...255).contains(text.utf8.count) && text != "." && text != ".."
                && text.utf8.allSatisfy {
                    $0 >= 0x20 && $0 != 0x7f && !Self.patternRefused.contains($0)
                }
            guard isName else {
                report(
                    .wrongType, at: item, "\(key): `\(text)` is not a pattern of one name",
                    help:
                        "it is compared with each name at any depth; `*` and `?` alone have a meaning"
                )
                return nil
            }
            return text
        }
    }

    private mutating func readPaths() {
        settings.read = paths(value["read"], "read") { path, subject in
            subject == .agent
                ? SandboxPath.refusal(ofReading: path) : SandboxPath.refusal(ofServerPath: path)
        }
        settings.writableCache = paths(value["writable_cache"], "writable_cache") { path, subject in
            subject == .agent
                ? SandboxPath.refusal(ofCache: path) : SandboxPath.refusal(ofServerPath: path)
        }
    }

    private mutating func paths(
        _ list: TypedValue?, _ key: String,
        refusal: (String, SandboxSpec.Subject) -> String?
    ) -> [String] {
        var paths: Set<String> = []
        for item in bounded(list, key) {
            guard let path = item.text else { continue }
            if let reason = refusal(path, subject) {
                report(
                    .refusedPath, at: item, "\(key): `\(path)` is refused: \(reason)",
                    help: key == "read" || subject == .server
                        ? "name the folder that is needed, without credentials"
                        : "name a folder such as `\(SandboxPath.home)/.cache/pip`")
            } else {
                paths.insert(path)
            }
        }
        return paths.sorted()
    }
}
