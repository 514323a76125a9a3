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

    /// An alert that is due once for each of its values.
    package enum Notice: Sendable, Hashable {
        /// Fourteen days or less are left, and more than one.
        case fortnight
        /// One day or less is left.
        case lastDay
        /// The number of whole days since the end of the last day.
        case overdue(days: Int64)
    }

    /// The alert that is due, or nil if more than 14 days are left.
    package func notice(at now: Timestamp) -> Notice? {
        if isOverdue(at: now) {
            return .overdue(days: (now - on.end).components.seconds / 86_400)
        }
        if now >= on.end - .seconds(86_400) { return .lastDay }
        return now >= on.end - .seconds(14 * 86_400) ? .fortnight : nil
    }
}

extension TypedValue {
    /// The rotation that a value of `rotate_by` states.
    var rotation: Located<CredentialRotation>? {
        guard let on = self["on"], let date = on.date else { return nil }
        let after = self["after"]?.text.flatMap(CredentialRotation.After.init) ?? .alert
        return Located(CredentialRotation(on: date, after: after), place: on.place, path: path)
    }
}
