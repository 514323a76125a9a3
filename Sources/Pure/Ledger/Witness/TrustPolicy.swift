/// Whom to believe about a log (C2SP tlog-policy): the logs, the witnesses, and which of them must
/// have cosigned a checkpoint. Made only of what `init(parsing:)` accepts, or by its edits, which keep
/// the same rules.
package struct TrustPolicy: Hashable, Sendable {
    package internal(set) var logs: [Log] = []
    package internal(set) var witnesses: [Witness] = []
    /// INVARIANT: a group's members are witnesses or groups before it.
    package internal(set) var groups: [Group] = []
    /// A witness or a group; nil for `none`: no cosignature is asked for.
    package internal(set) var quorum: TrustName?

    package struct Log: Hashable, Sendable {
        /// Its name is the log's origin. Several keys of one origin stand in lines of their own.
        package let key: VerifierKey
        package let url: String?
    }

    package struct Witness: Hashable, Sendable {
        package let name: TrustName
        package let key: CosignerKey
        /// The prefix of its `add-checkpoint`; nil when it is not asked from here.
        package let url: String?
    }

    package struct Group: Hashable, Sendable {
        package let name: TrustName
        /// 1 to the number of members.
        package internal(set) var threshold: Int
        package internal(set) var members: [TrustName]
    }

    package static let maximumBytes = 128 << 10
    package static let maximumLogs = 64
    package static let maximumWitnesses = 64
    package static let maximumGroups = 64

    /// Trusts these logs, and no witness is needed.
    package init(logs: [VerifierKey]) {
        self.logs = logs.map { Log(key: $0, url: nil) }
    }

    init() {}

    /// The canonical form: what was read as comment or spare white space is gone, the order is kept.
    package var text: String {
        var lines = logs.map { "log \($0.key)" + Self.suffix($0.url) }
        lines += witnesses.map { "witness \($0.name) \($0.key)" + Self.suffix($0.url) }
        lines += groups.map { group in
            (["group \(group.name) \(group.threshold)"] + group.members.map(\.description))
                .joined(separator: " ")
        }
        lines.append("quorum \(quorum?.description ?? TrustName.none)")
        return lines.map { $0 + "\n" }.joined()
    }

    private static func suffix(_ url: String?) -> String { url.map { " \($0)" } ?? "" }
}

/// The name of a witness or a group inside one trust file: compared byte by byte.
package struct TrustName: Hashable, Sendable, CustomStringConvertible {
    /// Says in a `quorum` line that nobody is needed; no name of anything.
    static let none = "none"

    private let bytes: [UInt8]

    /// - Returns: nil for `none`, and for what cannot stand in a line: white space, control
    ///   characters, nothing at all.
    package init?(_ text: String) {
        guard !text.isEmpty, text != Self.none,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else { return nil }
        bytes = Array(text.utf8)
    }

    package var description: String { String(decoding: bytes, as: UTF8.self) }
}
