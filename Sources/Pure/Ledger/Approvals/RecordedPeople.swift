import InterlockJSON
import InterlockModel

/// The credentials and roles of people as a log records them.
struct RecordedPeople: Sendable {
    private struct Credential {
        let index: UInt64
        let isPasskey: Bool
        /// The hash of a passkey's id.
        let id: Digest?
        var revoked: UInt64?
    }

    private struct Holder {
        var credentials: [Credential] = []
        /// The index of the newest revocation of everything that the person had.
        var revoked: UInt64?
        /// True if the person could break glass from the record at `index` on; in the order of the log.
        var glass: [(index: UInt64, may: Bool)] = []
    }

    enum Enrolment {
        case enrolled, revoked
        /// The log does not say; an earlier one may.
        case unknown
    }

    private var holders: [ExactText: Holder] = [:]
    /// True if `interlock init` recorded the first enrolment; nil before it.
    private var founded: Bool?

    var isFounded: Bool { founded ?? false }

    mutating func add(_ record: StoredRecord, at index: UInt64) {
        guard let person = record.exact("by") else { return }
        switch record.type {
        case RecordType.approverEnrolled.rawValue:
            founded = founded ?? (record["founding"]?.bool == true)
            holders[person, default: Holder()].credentials.append(
                Credential(
                    index: index, isPasskey: record.text("kind") == "passkey",
                    id: record.digest("cred")))
        case RecordType.approverRevoked.rawValue: revoke(person, record.digest("cred"), at: index)
        default: break
        }
        if let roles = record["roles"]?.array {
            let may = roles.contains { $0.string == "break_glass" }
            holders[person, default: Holder()].glass.append((index, may))
        }
    }

    private mutating func revoke(_ person: ExactText, _ id: Digest?, at index: UInt64) {
        guard var holder = holders[person] else {
            if id == nil { holders[person] = Holder(revoked: index) }
            return
        }
        for place in holder.credentials.indices
        where holder.credentials[place].revoked == nil
            && (id == nil || holder.credentials[place].id == id)
        {
            holder.credentials[place].revoked = index
        }
        if id == nil { holder.revoked = index }
        holders[person] = holder
    }

    /// - Parameters:
    ///   - via: how the vote was cast, which tells the kind of credential.
    ///   - index: the index of the vote.
    ///   - until: no revocation up to this index may have ended the credential.
    func enrolment(
        of person: ExactText, via: String?, at index: UInt64, until: UInt64
    ) -> Enrolment {
        guard let holder = holders[person] else { return .unknown }
        let kind: Bool? = via == "console-webauthn" ? true : via == "cli-key" ? false : nil
        let isEnrolled = holder.credentials.contains { credential in
            credential.index < index && kind ?? credential.isPasskey == credential.isPasskey
                && credential.revoked ?? .max > until
        }
        if isEnrolled { return .enrolled }
        return holder.revoked.map { $0 < until } ?? false ? .revoked : .unknown
    }

    /// Returns true if the person had the role at some time between the two records, and a credential.
    func mayBreakGlass(_ person: ExactText, between start: UInt64, and end: UInt64) -> Bool {
        guard let holder = holders[person],
            holder.credentials.contains(where: { $0.index < end && $0.revoked ?? .max > start })
        else { return false }
        let before = holder.glass.last { $0.index <= start }?.may ?? false
        return before || holder.glass.contains { $0.index > start && $0.index < end && $0.may }
    }
}
