import CLaunch
import CLinux
import InterlockModel
import InterlockPorts

/// Writes the records of one memfd for the launcher: `u32 length, u16 tag, payload`, integers little-endian
/// (Sources/C/CLaunch/include/CLaunch.h).
struct LaunchRecords {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    init() { add(INTERLOCK_SPEC_VERSION, UInt32(INTERLOCK_SPEC_FORM)) }

    mutating func add(_ tag: interlock_spec_tag, _ payload: [UInt8] = []) {
        append(UInt32(payload.count))
        append(UInt16(tag.rawValue))
        bytes += payload
        count += 1
    }

    mutating func add(_ tag: interlock_spec_tag, _ text: String) { add(tag, Array(text.utf8)) }

    mutating func add(_ tag: interlock_spec_tag, _ number: some FixedWidthInteger) {
        add(tag, Self.bytes(number))
    }

    /// Ends the records.
    ///
    /// - Throws: an error if they exceed the bounds of the launcher.
    mutating func finish() throws(LaunchFailure) -> [UInt8] {
        add(INTERLOCK_SPEC_END)
        guard bytes.count <= Int(INTERLOCK_SPEC_BYTES_MAX),
            count <= Int(INTERLOCK_SPEC_RECORDS_MAX)
        else { throw LaunchFailure(reason: "the sandbox has too many or too large parts") }
        return bytes
    }

    static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        var rest = number
        return (0..<number.bitWidth / 8).map { _ in
            defer { rest >>= 8 }
            return UInt8(truncatingIfNeeded: rest)
        }
    }

    /// `u16 length, bytes`.
    ///
    /// - Throws: an error if the text is longer than the launcher accepts.
    static func string(_ text: String) throws(LaunchFailure) -> [UInt8] {
        guard text.utf8.count <= Int(INTERLOCK_SPEC_PATH_BYTES_MAX) else {
            throw LaunchFailure(reason: "a path of the sandbox is too long")
        }
        return bytes(UInt16(text.utf8.count)) + text.utf8
    }

    private mutating func append(_ number: some FixedWidthInteger) { bytes += Self.bytes(number) }
}

extension AgentSandbox {
    /// The bytes of the specification.
    ///
    /// - Parameter checksProgram: whether the launcher compares the command with an open file.
    /// - Throws: an error if a text contains a zero byte or a part exceeds its bounds.
    func specification(checksProgram: Bool = false) throws(LaunchFailure) -> [UInt8] {
        for text in command + [directory, run] + tree.flatMap(\.texts)
        where text.utf8.contains(0) {
            throw LaunchFailure(reason: "a zero byte in the command or in a path")
        }
        var records = LaunchRecords()
        records.add(INTERLOCK_SPEC_ISOLATION, UInt8(form.isolation.rawValue))
        records.add(INTERLOCK_SPEC_BACKEND, UInt8(form.backend.rawValue))
        let network =
            server == .host
            ? INTERLOCK_NETWORK_HOST : form.network(hasListeners: hasListeners)
        records.add(INTERLOCK_SPEC_NETWORK, UInt8(network.rawValue))
        records.add(INTERLOCK_SPEC_RUN, run)
        for port in form.ports { records.add(INTERLOCK_SPEC_PORT, port) }
        if toleratesMissingLandlock {
            records.add(INTERLOCK_SPEC_ALLOW_MISSING, UInt32(INTERLOCK_LAYER_LANDLOCK.rawValue))
        }
        if cgroup != nil { records.add(INTERLOCK_SPEC_CGROUP) }
        if isOfRoot { records.add(INTERLOCK_SPEC_NOBODY) }
        if let wall {
            let milliseconds = wall.components.seconds * 1000
            records.add(INTERLOCK_SPEC_WALL, UInt64(clamping: max(1, milliseconds)))
        }
        for limit in limits { records.add(limit) }
        for step in tree { try records.add(step, isOwned: isOfRoot && step.isOfServer) }
        records.add(INTERLOCK_SPEC_DIRECTORY, directory)
        for word in command { records.add(INTERLOCK_SPEC_ARGUMENT, word) }
        if hasTerminal { records.add(INTERLOCK_SPEC_TERMINAL) }
        if checksProgram { records.add(INTERLOCK_SPEC_PROGRAM) }
        return try records.finish()
    }
}

extension SandboxTreeStep {
    /// True for a bind that a server of root is to have as its own, and not only as far as modes permit `nobody`: every
    /// one that is not a part of the system.
    fileprivate var isOfServer: Bool {
        guard case .bind(let source, _, _, _) = self else { return false }
        return !SystemTree.isPart(source)
    }

    fileprivate var texts: [String] {
        switch self {
        case .bind(let source, let target, _, _): [source, target]
        case .overlay(let lower, let layer, let target): [lower, layer ?? "", target]
        case .covered(let lower, let layer, let target): [lower, layer, target]
        case .link(let target, let text): [target, text]
        case .memory, .file, .folder: [target]
        }
    }
}

extension LaunchRecords {
    fileprivate mutating func add(_ limit: SandboxLimit) {
        let (kind, value): (interlock_rlimit, Int64) =
            switch limit {
            case .processes(let count): (INTERLOCK_RLIMIT_PROCESSES, Int64(count))
            case .openFiles(let count): (INTERLOCK_RLIMIT_FILES, Int64(count))
            case .fileSize(let bytes): (INTERLOCK_RLIMIT_FILE_SIZE, bytes)
            case .memory(let bytes): (INTERLOCK_RLIMIT_MEMORY, bytes)
            }
        add(
            INTERLOCK_SPEC_RLIMIT,
            Self.bytes(UInt8(kind.rawValue)) + Self.bytes(UInt64(clamping: value)))
    }

    fileprivate mutating func add(
        _ step: SandboxTreeStep, isOwned: Bool
    ) throws(LaunchFailure) {
        switch step {
        case .bind(let source, let target, let isWritable, let isExecutable):
            let flags =
                (isWritable ? INTERLOCK_MOUNT_WRITABLE.rawValue : 0)
                | (isExecutable ? 0 : INTERLOCK_MOUNT_NOEXEC.rawValue)
                | (isOwned ? INTERLOCK_MOUNT_OWNED.rawValue : 0)
            try add(INTERLOCK_SPEC_BIND, flags, [source, target])
        case .overlay(let lower, let layer, let target):
            let flags = layer == nil ? 0 : INTERLOCK_MOUNT_WRITABLE.rawValue
            try add(INTERLOCK_SPEC_OVERLAY, flags, [lower, layer ?? "", target])
        case .covered(let lower, let layer, let target):
            try add(INTERLOCK_SPEC_OVERLAY, 0, [lower, layer, target])
        case .memory(let target, let mode, let bytes, let entries, let isExecutable):
            let flags = isExecutable ? 0 : INTERLOCK_MOUNT_NOEXEC.rawValue
            var payload = Self.bytes(mode)
            payload += Self.bytes(UInt64(clamping: bytes))
            payload += Self.bytes(entries)
            payload.append(UInt8(flags))
            add(INTERLOCK_SPEC_TMPFS, payload + Array(target.utf8))
        case .link(let target, let text):
            let strings = [try Self.string(text), try Self.string(target)]
            add(INTERLOCK_SPEC_SYMLINK, strings.flatMap(\.self))
        case .file(let target, let mode, let content):
            let path = try Self.string(target)
            add(INTERLOCK_SPEC_FILE, Self.bytes(mode) + path + content)
        case .folder(let target, let mode):
            add(INTERLOCK_SPEC_FOLDER, Self.bytes(mode) + Array(target.utf8))
        }
    }

    /// Adds a record of flags and paths.
    private mutating func add(
        _ tag: interlock_spec_tag, _ flags: UInt32, _ paths: [String]
    ) throws(LaunchFailure) {
        var payload = [UInt8(flags)]
        for path in paths { payload += try Self.string(path) }
        add(tag, payload)
    }
}

/// The environment of a run, with the values of its secrets. It is never written to a file.
package struct AgentEnvironment: Sendable {
    /// Names are distinct.
    package var variables: [(name: String, value: String)]
    /// The content of `/run/secrets/NAME`, by name.
    package var secretFiles: [(name: String, content: [UInt8])]

    package init(
        variables: [(name: String, value: String)],
        secretFiles: [(name: String, content: [UInt8])] = []
    ) {
        self.variables = variables
        self.secretFiles = secretFiles
    }

    /// - Throws: an error if a name or value contains a zero byte, or a name is empty or contains `=`.
    func records() throws(LaunchFailure) -> [UInt8] {
        var records = LaunchRecords()
        for (name, value) in variables {
            let isName = !name.isEmpty && !name.utf8.contains(UInt8(ascii: "="))
            guard isName, !name.utf8.contains(0), !value.utf8.contains(0) else {
                throw LaunchFailure(reason: "`\(name)` is not a variable")
            }
            records.add(INTERLOCK_SPEC_VARIABLE, name + "=" + value)
        }
        for (name, content) in secretFiles {
            let text = try LaunchRecords.string(name)
            records.add(INTERLOCK_SPEC_SECRET, text + content)
        }
        return try records.finish()
    }
}
