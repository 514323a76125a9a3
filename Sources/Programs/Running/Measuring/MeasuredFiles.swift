import CLinux
import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockHostSettings
import InterlockJSON
import InterlockModel
import InterlockSandboxes
import InterlockWorkspace

/// The digests of the files that shape an agent, as far as a supervisor can read them at a start: its program, the
/// instruction files and the skills of its workspace (docs/specs/evals.md, section 5), and the settings of hosts there and in
/// the run. Tools, policy and model are the gateway's to add.
struct MeasuredFiles {
    struct File: Hashable {
        /// The path on the host, or below the workspace without a leading slash; the name of a skill.
        let path: String
        let digest: Digest

        var json: JSONValue { ["path": .string(path), "sha256": .string(digest.hex)] }
    }

    private(set) var program: [File] = []
    private(set) var prompt: [File] = []
    private(set) var skills: [File] = []
    private(set) var settings: [File] = []

    /// The names of instruction files of coding agents, at any depth.
    private static let instructions: Set<ExactText> = [
        "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "GEMINI.md", ".cursorrules", ".windsurfrules",
        "copilot-instructions.md",
    ]
    /// The folders in which each file is an instruction: of subagents, commands and rules.
    private static let folders = [
        ".claude/agents/", ".claude/commands/", ".claude/rules/", ".codex/prompts/",
        ".cursor/rules/", ".gemini/commands/", ".github/instructions/",
    ].map { Array($0.utf8) }
    /// The settings of coding agents and their lists of MCP servers.
    private static let settingsFiles = [
        ".mcp.json", ".claude/settings.json", ".claude/settings.local.json", ".codex/config.toml",
        ".codex/hooks.json", ".cursor/cli.json", ".cursor/hooks.json", ".cursor/mcp.json",
        ".gemini/settings.json", ".vscode/mcp.json",
    ].map { Array($0.utf8) }
    /// The folders in which each file is a hook or states hooks.
    private static let settingsFolders = [
        ".claude/hooks/", ".codex/hooks/", ".cursor/hooks/", ".gemini/hooks/", ".github/copilot/",
        ".github/hooks/",
    ].map { Array($0.utf8) }
    /// The instruction files whose imports hosts follow, by name at any depth or by folder.
    private static let importing: Set<ExactText> = ["CLAUDE.md", "CLAUDE.local.md", "GEMINI.md"]
    private static let importingFolders = [
        ".claude/agents/", ".claude/commands/", ".claude/rules/", ".cursor/rules/",
    ].map { Array($0.utf8) }
    private static let mostInstructionBytes = 16 << 20
    private static let skillFolder = Array(".claude/skills/".utf8)
    private static let instructionFolders = folders + [skillFolder]
    private static let measuredPaths = folders + settingsFiles + settingsFolders + [skillFolder]
    private static let slash = UInt8(ascii: "/")
    /// The largest program that is read, in bytes.
    private static let mostProgramBytes: Int64 = 4 << 30

    private let hashing = OpenSSLHashing()

    /// - Parameters:
    ///   - command: the words as they are executed inside.
    ///   - path: the PATH inside.
    ///   - workspace: the files that the run sees; nil if it sees no project.
    ///   - root: the folder of these files, from which the imports of instruction files are read; nil for no imports.
    ///   - supplied: the settings that the launcher puts into the run.
    init(
        command: [String], path: String, workspace: TreeListing?, root: String? = nil,
        supplied: [HostSettingsFile]
    ) throws(RunRefusal) {
        settings = supplied.map { File(path: $0.path, digest: hashing.sha256($0.content)) }
        if let workspace {
            var imported: Set<WorkspacePath> = []
            if let root { imported = try Self.imports(of: workspace, below: root, hashing) }
            readInstructions(of: workspace, imported)
        }
        for (index, word) in command.enumerated() {
            if let file = self.file(word, in: workspace) {
                program.append(file)
            } else if index == 0, let found = Self.programPath(word, path) {
                program.append(File(path: found, digest: try digest(of: found)))
            }
        }
    }

    /// A word of the command that is the path of a file of the workspace: a script.
    private func file(_ word: String, in workspace: TreeListing?) -> File? {
        let inside = SandboxCompiler.workspace + "/"
        let name = word.hasPrefix(inside) ? word.dropFirst(inside.count) : word[...]
        let plain = name.hasPrefix("./") ? name.dropFirst(2) : name
        guard let path = WorkspacePath(Array(plain.utf8)),
            case .file(_, _, let digest, _)? = workspace?[path]
        else { return nil }
        return File(path: path.escaped, digest: digest)
    }

    /// The file of the host that a first word leads to, without links; nil if the word leads into the sandbox alone.
    private static func programPath(_ word: String, _ path: String) -> String? {
        guard !word.utf8.contains(UInt8(ascii: "/")) else {
            return word.hasPrefix("/") ? InterlockCommandLine.File.realPath(word) : nil
        }
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            if let found = InterlockCommandLine.File.realPath("\(folder)/\(word)") { return found }
        }
        return nil
    }

    private func digest(of path: String) throws(RunRefusal) -> Digest {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard file >= 0 else { throw Self.unreadable(path) }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= Self.mostProgramBytes
        else { throw Self.unreadable(path) }
        var isWhole = false
        let digest = hashing.sha256 { take in
            var buffer = [UInt8](repeating: 0, count: 1 << 17)
            while true {
                let count = unsafe read(file, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                isWhole = count == 0
                guard count > 0 else { return }
                take(buffer.span.extracting(0..<count))
            }
        }
        guard isWhole else { throw Self.unreadable(path) }
        return digest
    }

    private static func unreadable(_ path: String) -> RunRefusal {
        RunRefusal(
            RunExit.refused, "fingerprint",
            "the file `\(TerminalEscaping.shown(path))` cannot be measured")
    }

    /// Returns true for an instruction file whose imports hosts follow.
    static func isImporting(_ path: WorkspacePath) -> Bool {
        importing.contains(ExactText(String(decoding: path.name, as: UTF8.self)))
            || importingFolders.contains { path.bytes.starts(with: $0) }
    }

    /// Returns the files that instruction files import, whose content is that of the listing.
    private static func imports(
        of workspace: TreeListing, below root: String, _ hashing: OpenSSLHashing
    ) throws(RunRefusal) -> Set<WorkspacePath> {
        let first = workspace.entries.map(\.path).filter { isImporting($0) }
        return try InstructionImports(of: first, in: workspace) { path throws(RunRefusal) in
            let place = root + "/" + String(decoding: path.bytes, as: UTF8.self)
            let bytes = try? InterlockCommandLine.File.readRegular(
                place, limit: mostInstructionBytes, followsLink: false)
            guard let bytes, case .file(_, _, let digest, _)? = workspace[path],
                hashing.sha256(bytes) == digest
            else { throw unreadable(place) }
            return bytes
        }.found
    }

    private mutating func readInstructions(
        of workspace: TreeListing, _ imported: Set<WorkspacePath>
    ) {
        var trees: [ExactText: [UInt8]] = [:]
        for entry in workspace.entries {
            guard let (digest, isExecutable) = state(of: entry.node) else { continue }
            let path = entry.path.bytes
            let name = String(decoding: entry.path.name, as: UTF8.self)
            let isInFolder = Self.folders.contains { path.starts(with: $0) }
            let isLink = if case .link = entry.node { true } else { false }
            func leads(to folders: [[UInt8]]) -> Bool {
                isLink && folders.contains { $0.starts(with: path + [Self.slash]) }
            }
            // A folder that is a link leads to all that is in it, which is in no listing.
            if isInFolder || Self.instructions.contains(name) || imported.contains(entry.path)
                || leads(to: Self.instructionFolders)
            {
                prompt.append(File(path: entry.path.escaped, digest: digest))
            }
            if Self.settingsFiles.contains(path)
                || Self.settingsFolders.contains(where: { path.starts(with: $0) })
            {
                settings.append(File(path: entry.path.escaped, digest: digest))
            }
            if leads(to: Self.measuredPaths) {
                settings.append(File(path: entry.path.escaped, digest: digest))
            }
            guard path.starts(with: Self.skillFolder) else { continue }
            let below = path.dropFirst(Self.skillFolder.count)
            let end = below.firstIndex(of: Self.slash) ?? below.endIndex
            guard isLink || end < below.endIndex else { continue }
            let skill = ExactText(EscapedBytes.text(below[..<end]))
            let line =
                [isExecutable ? UInt8(1) : 0] + below[end...].dropFirst() + [0] + digest.bytes
            trees[skill, default: []] += line
        }
        skills = trees.sorted { $0.key < $1.key }.map {
            File(path: $0.key.text, digest: hashing.sha256($0.value))
        }
    }

    /// The digest of a file, or of the path that a link has, which decides the file that a host reads; nil for an entry of
    /// another kind.
    private func state(of node: TreeNode) -> (digest: Digest, isExecutable: Bool)? {
        switch node {
        case .file(_, let mode, let digest, _): (digest, mode & 0o111 != 0)
        case .link(let target): (hashing.sha256(Array("link\0".utf8) + target), false)
        case .directory, .whiteout, .hidden, .special: nil
        }
    }

    /// SHA-256 of the RFC 8785 form of all files.
    var digest: Digest {
        get throws(RunRefusal) {
            let value: JSONValue = [
                "v": .integer(LaunchMeasurement.version), "program": .array(program.map(\.json)),
                "prompt": .array(prompt.map(\.json)),
                "skills": .array(skills.map(\.json)),
                "settings": .array(settings.map(\.json)),
            ]
            do throws(JSONError) { return hashing.sha256(try value.canonical()) } catch {
                throw RunRefusal(RunExit.refused, "fingerprint", "the files cannot be listed")
            }
        }
    }

    /// The files as far as a record lists them.
    var listed: JSONValue {
        var left = Self.mostListedBytes
        func list(_ files: [File]) -> JSONValue {
            var values: [JSONValue] = []
            for file in files.prefix(LaunchMeasurement.mostListed) {
                left -= file.path.utf8.count + 100
                guard left >= 0 else { break }
                values.append(file.json)
            }
            return .array(values)
        }
        return [
            "program": list(program), "prompt": list(prompt), "skills": list(skills),
            "settings": list(settings),
        ]
    }

    /// The bytes that the lists of one record take at most.
    private static let mostListedBytes = 48 << 10
}
