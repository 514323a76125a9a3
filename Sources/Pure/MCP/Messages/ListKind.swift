/// The lists of a server whose changes it may announce.
package enum ListKind: String, Sendable, CaseIterable {
    case tools, prompts, resources

    /// The method of the change notification, the same in both eras.
    package var changed: String { "notifications/\(rawValue)/list_changed" }
    /// The corresponding member of a filter of `subscriptions/listen`.
    package var filterMember: String { "\(rawValue)ListChanged" }
}
