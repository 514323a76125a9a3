/// The trusted logs and witnesses, and the quorum of witnesses that must cosign a checkpoint (C2SP tlog-policy). It is
/// created only by the initializers and edited by methods that preserve the rules of `init(parsing:)`.
package struct TrustPolicy: Hashable, Sendable {
    package internal(set) var logs: [Log] = []
    package internal(set) var witnesses: [Witness] = []
    /// INVARIANT: the members of a group are witnesses or groups that precede it.
    package internal(set) var groups: [Group] = []
    /// The name of a witness or a group, or nil for `none`, which requires no cosignature.
    package internal(set) var quorum: TrustName?

    package struct Log: Hashable, Sendable {
        /// The key, whose name is the origin of the log. Several keys of one origin are listed on separate lines.
        package let key: VerifierKey
        package let url: String?
    }

    package struct Witness: Hashable, Sendable {
        package let name: TrustName
        package let key: CosignerKey
        /// The URL prefix of its `add-checkpoint`, or nil if this node does not send it requests.
        package let url: String?
    }

    package struct Group: Hashable, Sendable {
        package let name: TrustName
        /// The number of required members, from 1 to the number of members.
        package internal(set) var threshold: Int
        package internal(set) var members: [TrustName]
    }

    package static let maximumBytes = 128 << 10
    package static let maximumLogs = 64
    package static let maximumWitnesses = 64
    package static let maximumGroups = 64

    /// Creates a policy that trusts these logs and requires no witness.
    package init(logs: [VerifierKey]) {
        self.logs = logs.map { Log(key: $0, url: nil) }
    }

    init() {}

    /// The canonical form, without comments and redundant white space; the order is preserved.
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

/// The name of a witness or a group within one trust policy, compared byte by byte.
package struct TrustName: Hashable, Sendable, CustomStringConvertible {
    /// The word of a `quorum` line that requires no cosignature; it is not a valid name.
    static let none = "none"

    private let bytes: [UInt8]

    /// - Returns: nil if the text is `none`, is empty, or contains white space or control characters.
    package init?(_ text: String) {
        guard !text.isEmpty, text != Self.none,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else { return nil }
        bytes = Array(text.utf8)
    }

    package var description: String { String(decoding: bytes, as: UTF8.self) }
}
