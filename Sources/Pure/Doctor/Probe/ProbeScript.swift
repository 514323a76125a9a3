package import InterlockJSON
import InterlockModel

/// A probe as data: the files of its project, the prompt, the calls of the model, and what it answers. Everything in it is
/// made for the probe, so that nothing of the user can reach the host.
package struct ProbeScript: Sendable {
    /// The absolute path of the project's folder. It must not need quoting in a shell.
    private let project: String
    /// The content by which a file is recognised in a request.
    let canaries: [ProbeFile: String]

    /// The length of the random part of a canary, in bytes.
    package static let canaryBytes = 16
    /// The name of the project's folder, which records of the calls show as their working directory.
    package static let projectName = "interlock-doctor-probe"
    /// The beginning of each canary, so that one pass over a request finds all.
    static let canaryPrefix = "interlock-canary-"
    private static let marker = "marker"

    /// - Parameters:
    ///   - project: an absolute path of letters, digits and `/._-`.
    ///   - random: makes as many random bytes as it is asked for.
    /// - Returns: nil for another path.
    package init?(project: String, random: (Int) -> [UInt8]) {
        let isPlain = project.utf8.allSatisfy { byte in
            isDigit(byte) || isLetter(byte) || "/._-".utf8.contains(byte)
        }
        guard project.hasPrefix("/"), isPlain else { return nil }
        self.project = project
        canaries = Dictionary(
            uniqueKeysWithValues: ProbeFile.allCases.map {
                ($0, Self.canaryPrefix + Hex.encode(random(Self.canaryBytes)))
            })
    }

    /// The absolute path of the file that the guarded command makes.
    package var markerPath: String { "\(project)/\(Self.marker)" }

    /// The files of the project, by their paths relative to it.
    package var files: [(path: String, text: String)] {
        ProbeFile.allCases.map { ($0.path, "KEY=\(canaries[$0] ?? "")\n") } + [
            (
                "CLAUDE.md",
                "Rules:\n@./\(ProbeFile.hiddenImport.path)\n@./\(ProbeFile.plainImport.path)\n"
            )
        ]
    }

    package var prompt: String {
        "interlock doctor --probe: @\(ProbeFile.hiddenMention.path) @\(ProbeFile.plainMention.path)"
    }

    /// The tools that the calls use.
    package static let tools = ["Bash", "Read"]

    /// `touch` succeeds, so that what follows never runs; by it the command is one that no list of a policy allows, since it
    /// would deploy.
    private var command: String {
        "touch \(markerPath) || terraform apply \(Self.projectName)"
    }

    private func use(_ call: ProbeCall) -> (tool: String, input: JSONValue) {
        switch call {
        case .plainRead:
            ("Read", ["file_path": .string("\(project)/\(ProbeFile.plainRead.path)")])
        case .hiddenRead:
            ("Read", ["file_path": .string("\(project)/\(ProbeFile.hiddenRead.path)")])
        case .command:
            (
                "Bash",
                ["command": .string(command), "description": "interlock doctor --probe"]
            )
        }
    }

    /// Returns the next message of the model: the first call of the script without a result in the request, or the end.
    /// Requests outside of the main loop, such as for a title, have no tools and get the end.
    ///
    /// - Parameter request: the body of a `POST /v1/messages`.
    package func answer(_ request: JSONValue) -> ScriptedMessage {
        let done = Set(ProbeTranscript.results(in: request).map(\.call))
        let hasTools = !(request["tools"]?.array ?? []).isEmpty
        guard hasTools, let call = ProbeCall.allCases.first(where: { !done.contains($0) }) else {
            return ScriptedMessage(.text("done"), for: request)
        }
        let (tool, input) = use(call)
        return ScriptedMessage(.call(id: call.id, tool: tool, input: input), for: request)
    }
}
