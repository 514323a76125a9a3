/// The lists that a server has, and may say to have changed.
package enum ListKind: String, Sendable, CaseIterable {
    case tools, prompts, resources

    /// The notification of both eras.
    package var changed: String { "notifications/\(rawValue)/list_changed" }
    /// The member of a filter of `subscriptions/listen`.
    package var filterMember: String { "\(rawValue)ListChanged" }
}
