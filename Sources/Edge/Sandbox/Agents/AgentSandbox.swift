package import InterlockModel

/// The sandbox of one run as data: what the launcher sets up, in this order, before it executes the command
/// (docs/specs/sandbox.md, section 3).
package struct AgentSandbox: Sendable, Hashable {
    /// The run id, which a file inside contains.
    package var run: String
    package var toleratesMissingLandlock: Bool
    /// True if the launcher listens for the proxy's two protocols; otherwise nothing is reachable.
    package var hasListeners: Bool
    /// The time after which everything inside is killed, or nil for none.
    package var wall: Duration?
    package var limits: [SandboxLimit]
    /// The settings of the cgroup that all processes start in, or nil if they start in the launcher's.
    package var cgroup: [String]? = nil
    /// The file tree inside; a parent comes before what lies in it.
    package var tree: [SandboxTreeStep]
    /// The working directory inside.
    package var directory: String
    /// The command; its first word is not empty, and is searched in PATH of the environment unless it has a slash.
    package var command: [String]
    /// True if descriptor 0 is a terminal of its own.
    package var hasTerminal: Bool
    /// True if the processes inside may trace one another.
    package var allowsDebug: Bool
    /// Nil for an agent. A stdio server may be started by root, and is refused more sockets.
    package var server: ServerNetwork?
    /// True if root starts a server, whose command is then `nobody`. The launcher refuses root in every other case.
    var isOfRoot = false
    package var form: SandboxForm
    /// True if unix sockets exist only as connected pairs, so that none in a bound folder can be connected to.
    package var pairsSockets = false

    package init(
        run: String, toleratesMissingLandlock: Bool = false, hasListeners: Bool = false,
        wall: Duration?, limits: [SandboxLimit], tree: [SandboxTreeStep], directory: String,
        command: [String], hasTerminal: Bool = false, allowsDebug: Bool = false,
        form: SandboxForm = .own, server: ServerNetwork? = nil
    ) {
        self.run = run
        self.toleratesMissingLandlock = toleratesMissingLandlock
        self.hasListeners = hasListeners
        self.wall = wall
        self.limits = limits
        self.tree = tree
        self.directory = directory
        self.command = command
        self.hasTerminal = hasTerminal
        self.allowsDebug = allowsDebug
        self.server = server
        self.form = form
    }
}

/// A resource limit of each process inside.
package enum SandboxLimit: Sendable, Hashable {
    /// Processes of the whole sandbox, because they are counted for each user namespace.
    case processes(Int)
    case openFiles(Int)
    /// The bytes of the largest file.
    case fileSize(Int64)
    /// The bytes of address space.
    case memory(Int64)
}

/// One step that builds the file tree inside. Every mount is nosuid and nodev.
package enum SandboxTreeStep: Sendable, Hashable {
    /// A file or folder of the host, with what is mounted below it. `source` has no link at any component.
    case bind(source: String, target: String, isWritable: Bool, isExecutable: Bool)
    /// A folder of the host with a layer that receives every change; nil for none, which is read-only.
    case overlay(lower: String, layer: String?, target: String)
    /// A folder of the host that is only read, as it is seen below `upper` of a layer: what lies there hides it and takes
    /// its place.
    case covered(lower: String, layer: String, target: String)
    /// An empty file system in memory of at most so many bytes and entries.
    case memory(target: String, mode: UInt32, bytes: Int64, entries: UInt32, isExecutable: Bool)
    case link(target: String, to: String)
    case file(target: String, mode: UInt32, content: [UInt8])
    case folder(target: String, mode: UInt32)
}

extension AgentSandbox {
    /// The steps, one line each, as `--dry-run` prints them.
    package var lines: [String] {
        var lines = ["run \(run)"] + form.lines(hasListeners: hasListeners)
        if let wall { lines.append("limit wall \(wall.components.seconds) s") }
        lines += limits.map(\.line) + (cgroup ?? []).map { "cgroup \($0)" } + tree.map(\.line)
        lines.append("directory \(directory)")
        if form != .none {
            lines.append("landlock" + (toleratesMissingLandlock ? " if the kernel has it" : ""))
            lines.append("seccomp" + (allowsDebug ? " with tracing" : ""))
        }
        if hasTerminal { lines.append("terminal") }
        lines.append("execute " + command.joined(separator: " "))
        return lines
    }
}

extension SandboxForm {
    fileprivate func lines(hasListeners: Bool) -> [String] {
        let network = hasListeners ? "listen 127.0.0.1:3128 127.0.0.1:1080" : "network none"
        return switch self {
        case .own: ["namespaces user mount pid net ipc uts cgroup", network]
        case .bubblewrap:
            ["namespaces user mount pid net ipc uts cgroup by bubblewrap", network]
        case .reduced(let ports):
            [
                "isolation reduced: no namespaces",
                ports.isEmpty
                    ? "connect to the TCP ports of the proxy"
                    : "connect to TCP ports " + ports.map { String($0) }.joined(separator: " "),
            ]
        case .none: ["isolation none: files and network of the host"]
        }
    }
}

extension SandboxLimit {
    fileprivate var line: String {
        switch self {
        case .processes(let count): "limit pids \(count)"
        case .openFiles(let count): "limit nofile \(count)"
        case .fileSize(let bytes): "limit file_size \(bytes) bytes"
        case .memory(let bytes): "limit memory \(bytes) bytes for each process"
        }
    }
}

extension SandboxTreeStep {
    /// The path inside.
    package var target: String {
        switch self {
        case .bind(_, let target, _, _), .overlay(_, _, let target), .covered(_, _, let target),
            .memory(let target, _, _, _, _), .link(let target, _), .file(let target, _, _),
            .folder(let target, _):
            target
        }
    }

    fileprivate var line: String {
        switch self {
        case .bind(let source, let target, let isWritable, let isExecutable):
            "bind \(source) at \(target) read" + (isWritable ? " write" : "")
                + (isExecutable ? " exec" : "")
        case .overlay(let lower, let layer, let target):
            "overlay \(lower) at \(target) " + (layer.map { "changes in \($0)" } ?? "read-only")
        case .covered(let lower, let layer, let target):
            "overlay \(lower) at \(target) read-only below \(layer)"
        case .memory(let target, _, let bytes, _, _): "tmpfs \(target) \(bytes) bytes"
        case .link(let target, let text): "link \(target) to \(text)"
        case .file(let target, _, let content): "file \(target) \(content.count) bytes"
        case .folder(let target, _): "folder \(target)"
        }
    }
}
