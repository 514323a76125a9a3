package import InterlockModel

/// Why a lock that lies beside a policy binds nothing. Each says what to do about it.
package enum LockProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// It cannot be read; nil where even its bytes cannot.
    case unusable(Finding?)
    /// The node had a signed one, and there is none now.
    case gone
    case unsigned
    /// It is signed, by nobody whose signature counts now.
    case notEntitled([Person])
    /// A signature does not verify: the content is not what that key signed.
    case badSignature(PublicKey)
    /// Who may sign cannot be known while `trust.json` cannot be read.
    case noTrust

    /// Nobody has vouched for it, which a founding node accepts; whatever else is a fault.
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
            "`\(name)` is signed by \(Self.names(people)), and by no owner of the policy and nobody "
                + "with the role `security`: interlock servers pin --accept --as EMAIL"
        case .badSignature(let key):
            "the signature of key \(key) in `\(name)` is not of this content; put the reviewed "
                + "file back, or pin again"
        case .noTrust: "`\(name)` cannot be judged while nobody's keys are known"
        }
    }

    private static func names(_ people: [Person]) -> String {
        people.isEmpty
            ? "keys of nobody" : people.map { "`\($0)`" }.joined(separator: ", ")
    }
}

/// Whose word the lock in force is.
package enum LockStatus: Sendable, Hashable {
    /// There is none: what is seen first counts as reviewed.
    case absent
    /// Whoever can write the file; only while a node is founding, and never again.
    case unsigned(LockProblem)
    /// Of these people; empty when it was accepted before and shows it no more.
    case signed([Person])
    /// It is refused: no server is offered.
    case refused(LockProblem)

    package var signers: [Person] { if case .signed(let people) = self { people } else { [] } }
}
