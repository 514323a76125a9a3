package import InterlockModel

/// The reason why a lock next to a policy is not valid. Each description states the remedy.
package enum LockProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file cannot be read as a lock; nil if not even its bytes can be read.
    case unusable(Finding?)
    /// The node had a signed lock, and the file is missing.
    case gone
    case unsigned
    /// The lock is signed, but no signature counts now.
    case notEntitled([Person])
    /// A signature does not verify: the content is not what that key signed.
    case badSignature(PublicKey)
    /// The people who may sign are unknown, because `trust.json` cannot be read.
    case noTrust

    /// True if only a signature that counts is missing, which a founding node accepts. Every other problem
    /// is a fault.
    package var isOnlyUnsigned: Bool {
        switch self {
        case .unsigned, .notEntitled, .noTrust: true
        case .unusable, .gone, .badSignature: false
        }
    }

    package var description: String {
        let name = PolicyLock.fileName
        return switch self {
        case .unusable(let finding?): "\(finding.text); put the reviewed file back, or pin again"
        case .unusable(nil): "`\(name)` cannot be read; put the reviewed file back"
        case .gone: "`\(name)` is gone; put the reviewed file back"
        case .unsigned: "`\(name)` is not signed: interlock servers pin --accept --as EMAIL"
        case .notEntitled(let people):
            "`\(name)` is signed by \(Self.names(people)), and by no owner of the policy and no person "
                + "with the role `security`: interlock servers pin --accept --as EMAIL"
        case .badSignature(let key):
            "the signature of key \(key) in `\(name)` is not of this content; put the reviewed "
                + "file back, or pin again"
        case .noTrust: "`\(name)` cannot be verified while no keys of people are known"
        }
    }

    private static func names(_ people: [Person]) -> String {
        people.isEmpty
            ? "keys of unknown holders" : people.map { "`\($0)`" }.joined(separator: ", ")
    }
}

/// The status of the lock in force.
package enum LockStatus: Sendable, Hashable {
    /// There is no lock: the first definition that is seen counts as reviewed.
    case absent
    /// No signature counts, so that anyone who can write the file decides. This occurs only while a node is
    /// founding.
    case unsigned(LockProblem)
    /// The people whose signatures count; empty if the lock was accepted before and its signatures no
    /// longer show it.
    case signed([Person])
    /// The lock is refused: no server is offered.
    case refused(LockProblem)

    package var signers: [Person] { if case .signed(let people) = self { people } else { [] } }
}
