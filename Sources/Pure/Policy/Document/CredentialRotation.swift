package import InterlockModel

/// The last day of a server's credential, and what happens after it (docs/specs/policy.md, section 3).
package struct CredentialRotation: Sendable, Hashable {
    package enum After: String, Sendable, Hashable, CaseIterable {
        /// People are alerted each day; the credential is used on.
        case alert
        /// No call is sent with the credential.
        case refuse
    }

    /// The last day, which ends at midnight UTC.
    package let on: CivilDate
    package let after: After

    package init(on: CivilDate, after: After = .alert) {
        self.on = on
        self.after = after
    }

    /// Returns true once the credential may not be used any more.
    package func isRefused(at now: Timestamp) -> Bool { after == .refuse && isOverdue(at: now) }

    package func isOverdue(at now: Timestamp) -> Bool { now >= on.end }

    /// The alert that is due, or nil if more than 14 days are left.
    package func notice(at now: Timestamp) -> EndNotice? { EndNotice(of: on.end, at: now) }
}

extension TypedValue {
    /// The rotation that a value of `rotate_by` states.
    var rotation: Located<CredentialRotation>? {
        guard let on = self["on"], let date = on.date else { return nil }
        let after = self["after"]?.text.flatMap(CredentialRotation.After.init) ?? .alert
        return Located(CredentialRotation(on: date, after: after), place: on.place, path: path)
    }
}
