package import InterlockCommandLine
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

extension Command {
    package static let policyExport = Command(
        "policy export", "write an agent's rules as a text that it reads",
        example: "interlock policy export --skill code-fix --out guidance",
        options: PolicyInput.options + [
            Option("--skill AGENT", "the rules of this agent, as a skill").required,
            Option("--out FOLDER", "write SKILL.md and CLAUDE.md there (default: print SKILL.md)"),
            Option("--check", "write nothing; exit 1 and name the files that have another content"),
        ] + StatedTrust.options,
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate],
        notes: """
            The text is guidance: the gateway decides by the policy, whatever the agent has read. It has the policy's
            digest, names no person and no secret, and is the same for the same policy, lock and day. A file in FOLDER
            that this command did not make is not overwritten: exit 73.
            """
    ) { invocation in
        let input = try PolicyInput(invocation)
        let policy = try input.load()
        let agent = try PolicyInput.agent(try invocation.require("skill"), in: policy)
        let trust = try StatedTrust(invocation, policy)
        guard let guidance = AgentGuidance(policy, of: agent, trust[agent], at: input.now) else {
            return .notFound
        }
        guard let folder = invocation["out"] else {
            guard !invocation.has("check") else {
                throw Failure(.usage, "`--check` needs `--out`")
            }
            invocation.print(
                [
                    "agent": .string(agent.text), "policy": .string(policy.digestText),
                    "skill": .string(guidance.skill),
                    "instructions": .string(guidance.instructions),
                ],
                // The line that is printed ends in a line feed of its own.
                String(guidance.skill.dropLast()))
            return .ok
        }
        let files = GuidanceFiles(guidance, in: folder)
        if invocation.has("check") {
            let stale = try files.stale()
            invocation.print(rows: stale.map { ["file": .string($0)] }) { $0.text("file") }
            return stale.isEmpty ? .ok : .no
        }
        try files.write()
        return invocation.print(
            ["agent": .string(agent.text), "files": .strings(files.paths)],
            files.paths.map(TerminalEscaping.shown).joined(separator: "\n"))
    }
}

/// The files of one agent's rules in a folder.
private struct GuidanceFiles {
    private let folder: String
    private let files: [(path: String, bytes: [UInt8])]

    /// The size of a file that is compared, in bytes.
    private static let largest = 16 << 20

    init(_ guidance: AgentGuidance, in folder: String) {
        self.folder = folder
        files = [
            (folder + "/SKILL.md", Array(guidance.skill.utf8)),
            (folder + "/CLAUDE.md", Array(guidance.instructions.utf8)),
        ]
    }

    var paths: [String] { files.map(\.path) }

    /// The files that are missing or have another content.
    func stale() throws(Failure) -> [String] {
        var stale: [String] = []
        for file in files where try content(of: file.path) != file.bytes { stale.append(file.path) }
        return stale
    }

    /// - Throws: exit 73 if a file is there that is not made by this command; then none is written.
    func write() throws(Failure) {
        for file in files {
            guard let there = try content(of: file.path) else { continue }
            guard String(decoding: there, as: UTF8.self).contains(AgentGuidance.mark) else {
                throw Failure(
                    .cannotCreate,
                    "`\(TerminalEscaping.shown(file.path))` is not a file that this command made",
                    help: "name another folder, and add the lines to the file by hand")
            }
        }
        do throws(FileFailure) {
            if !File.exists(folder) { try File.makeFolder(folder, mode: 0o755) }
            for file in files { try File.write(file.bytes, to: file.path, mode: 0o644) }
        } catch { throw Failure(.cannotCreate, error.message) }
    }

    /// The content of a file, or nil if it does not exist.
    private func content(of path: String) throws(Failure) -> [UInt8]? {
        do throws(FileFailure) { return try File.readRegular(path, limit: Self.largest) } catch {
            guard error.isMissing else { throw Failure(.cannotCreate, error.message) }
            return nil
        }
    }
}
