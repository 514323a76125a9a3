import InterlockCommandLine
import InterlockCredentials
import InterlockModel
import InterlockPolicy

/// The parts of a server's offer that a person accepts (`--tool`), and the tools whose annotations are overridden
/// (`--override`).
struct PinChoice {
    /// The accepted tools. Is nil if all are accepted.
    private let tools: Set<ToolName>?
    private let overrides: [ToolName: ToolClass]
    private let aliases: [ToolName: String]
    private let manifest: ServerManifest?
    private let reason: String

    init(_ invocation: Invocation) throws(Failure) {
        var tools: Set<ToolName> = []
        for text in invocation.all("tool") { tools.insert(try Self.tool(text)) }
        self.tools = invocation.has("tool") ? tools : nil
        var overrides: [ToolName: ToolClass] = [:]
        for text in invocation.all("override") {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let toolClass = ToolClass(rawValue: String(parts[1])) else {
                throw Failure(
                    .usage, "`\(TerminalEscaping.shown(text))` is not TOOL=CLASS",
                    help: "classes: read, write, destructive")
            }
            overrides[try Self.tool(String(parts[0]))] = toolClass
        }
        self.overrides = overrides
        reason = overrides.isEmpty ? "" : try invocation.require("reason")
        guard overrides.isEmpty || (8...FloorOverride.longestReason).contains(reason.utf8.count)
        else { throw Failure(.usage, "`--reason` has 8 to \(FloorOverride.longestReason) bytes") }
        var aliases: [ToolName: String] = [:]
        for text in invocation.all("alias") {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let alias = ToolName(String(parts[1])) else {
                throw Failure(.usage, "`\(TerminalEscaping.shown(text))` is not TOOL=NAME")
            }
            aliases[try Self.tool(String(parts[0]))] = alias.text
        }
        self.aliases = aliases
        manifest = try invocation["server-json"].map { path throws(Failure) in
            try ServerManifestFile.read(path)
        }
        let isOfOne =
            invocation.has("tool") || invocation.has("override") || invocation.has("alias")
            || manifest != nil
        guard !isOfOne || invocation.positional.count == 1 else {
            throw Failure(
                .usage,
                "`--tool`, `--override`, `--alias` and `--server-json` are about one server: name it"
            )
        }
    }

    /// - Parameters:
    ///   - new: everything that the server offers.
    ///   - old: the reviewed entry; nil if the server was not reviewed.
    /// - Returns: the entry for the lock.
    func entry(
        _ new: LockedServer, beside old: LockedServer?, _ review: LockReview
    ) throws(Failure) -> LockedServer {
        var entry = new
        if let tools {
            try known(tools, in: new, old)
            if let old { entry = old } else { entry.prompts = [:] }
            entry.tools = new.tools.filter { tools.contains($0.key) }
            for (name, tool) in old?.tools ?? [:] where !tools.contains(name) {
                entry.tools[name] = tool
            }
        }
        let decided = Set(overrides.keys).union(aliases.keys)
        try known(decided, in: new, nil)
        for name in decided.sorted() {
            guard let tool = entry.tools[name] else {
                throw Failure(.usage, "`\(name)` is not among the tools that are accepted")
            }
            let override = overrides[name].map {
                FloorOverride(toolClass: $0, by: review.by, reason: reason)
            }
            do throws(FormError) {
                entry.tools[name] = try LockedTool(
                    definition: tool.definition, name: name, alias: aliases[name] ?? tool.alias,
                    override: override ?? tool.override, reviewed: review,
                    hashing: OpenSSLHashing())
            } catch { throw Failure(.data, "`\(name)`: \(error)") }
        }
        if let manifest { try take(manifest, into: &entry) }
        return entry
    }

    /// Adds facts that a live server cannot state. The transport in the policy must be one of the manifest's.
    private func take(_ manifest: ServerManifest, into entry: inout LockedServer) throws(Failure) {
        for way in manifest.ways {
            switch (way, entry.origin) {
            case (.remote(let url, _), .remote(let remote)) where remote.url == url: break
            case (.package(let package), .program(let program)) where package.argv == program.argv:
                entry.origin = .program(
                    LockedProgram(
                        installed: package.digest.map {
                            LockedPackage(
                                registry: package.registry, identifier: package.identifier,
                                digest: $0)
                        }, argv: program.argv, environment: program.environment,
                        sandbox: program.sandbox, network: program.network, code: program.code))
            default: continue
            }
            entry.name = manifest.name
            entry.version = manifest.version
            return
        }
        throw Failure(
            .data, "the policy reaches the server otherwise than `\(manifest.name)` says",
            help: "interlock servers import FILE prints the `connect` of the file")
    }

    private func known(
        _ names: Set<ToolName>, in new: LockedServer, _ old: LockedServer?
    ) throws(Failure) {
        for name in names.sorted() where new.tools[name] == nil && old?.tools[name] == nil {
            throw Failure(
                .notFound, "the server has no tool `\(name)` that can be pinned",
                help: didYouMean(name.text, among: new.tools.keys.map(\.text)))
        }
    }

    private static func tool(_ text: String) throws(Failure) -> ToolName {
        guard let name = ToolName(text) else {
            throw Failure(.usage, "`\(TerminalEscaping.shown(text))` is no name of a tool")
        }
        return name
    }
}
