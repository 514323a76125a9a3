package import InterlockModel

/// The four trailers by which a commit says what one run of an agent wrote of it (docs/specs/coding-agents.md, section
/// 12).
package struct AgentTrailers: Hashable, Sendable {
    package let agent: AgentName
    /// The coding agent program and its version, or nil if the log does not name it.
    package let host: String?
    package let run: RunID
    package let extent: ChangeExtent
    /// The hash of the record that lists what the run changed.
    package let record: Digest

    package init(
        agent: AgentName, host: String?, run: RunID, extent: ChangeExtent, record: Digest
    ) {
        self.agent = agent
        self.host = host.flatMap { Self.isHost($0) ? $0 : nil }
        self.run = run
        self.extent = extent
        self.record = record
    }

    /// The names, in the order in which they are written.
    enum Name: String, CaseIterable {
        case assisted = "Agent-Assisted"
        case run = "Agent-Run"
        case extent = "Agent-Extent"
        case record = "Agent-Record"

        /// Trailers of Git have names in any case.
        init?(token: some StringProtocol) {
            let lower = token.lowercased()
            guard let name = Self.allCases.first(where: { $0.rawValue.lowercased() == lower })
            else { return nil }
            self = name
        }
    }

    /// The four lines, without line feeds.
    package var lines: [String] {
        let assisted = agent.text + (host.map { " (\($0))" } ?? "")
        return [
            "\(Name.assisted.rawValue): \(assisted)", "\(Name.run.rawValue): \(run.text)",
            "\(Name.extent.rawValue): \(extent.text)", "\(Name.record.rawValue): \(record.hex)",
        ]
    }

    /// - Parameter values: of the four trailers, in their order.
    /// - Throws: the first trailer that is not as it is written.
    init(values: [[UInt8]]) throws(TrailerFault) {
        let texts = values.map { String(decoding: $0, as: UTF8.self) }
        guard let (agent, host) = Self.assisted(texts[0]) else {
            throw .malformed(Name.assisted.rawValue)
        }
        guard let run = RunID(texts[1]) else { throw .malformed(Name.run.rawValue) }
        guard let extent = ChangeExtent(values[2]) else { throw .malformed(Name.extent.rawValue) }
        guard let record = Digest(hex: texts[3]) else {
            throw .malformed(Name.record.rawValue)
        }
        (self.agent, self.host, self.run) = (agent, host, run)
        (self.extent, self.record) = (extent, record)
    }

    /// Reads `AGENT` or `AGENT (HOST)`.
    private static func assisted(_ text: String) -> (AgentName, String?)? {
        guard let space = text.firstIndex(of: " ") else {
            return AgentName(text).map { ($0, nil) }
        }
        let rest = text[text.index(after: space)...]
        guard let agent = AgentName(String(text[..<space])), rest.hasPrefix("("),
            rest.hasSuffix(")")
        else { return nil }
        let host = String(rest.dropFirst().dropLast())
        return isHost(host) ? (agent, host) : nil
    }

    /// Returns true for 1 to 64 bytes of letters, digits and `. _ + -`, in words with one space between two.
    private static func isHost(_ text: String) -> Bool {
        let words = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
        return (1...64).contains(text.utf8.count)
            && words.allSatisfy { word in
                !word.isEmpty
                    && word.allSatisfy { isLetter($0) || isDigit($0) || "._+-".utf8.contains($0) }
            }
    }
}

/// The reason why the trailers of a commit message cannot be read.
package enum TrailerFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The value of this trailer is not as it is written.
    case malformed(String)
    /// The four trailers do not follow each other, or one is missing or repeated.
    case incomplete
    /// Two groups name the same run.
    case duplicateRun(RunID)
    /// The last paragraph has a trailer of an agent and text that is no trailer, so Git takes none of it for trailers.
    case mixed
    case tooLarge
    case tooMany

    package var description: String {
        switch self {
        case .malformed(let name): "invalid trailer `\(name)`"
        case .incomplete:
            "expected Agent-Assisted, Agent-Run, Agent-Extent and Agent-Record, once each and in this order"
        case .duplicateRun(let run): "duplicate run `\(run.text)` in the trailers"
        case .mixed: "the last paragraph has trailers of agents and other text"
        case .tooLarge: "the message has more than \(CommitMessage.mostBytes >> 20) MiB"
        case .tooMany: "more than \(CommitMessage.mostGroups) runs in the trailers"
        }
    }
}
