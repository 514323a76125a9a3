extension Page {
    /// The sections of the console, in the order of the navigation.
    enum Section: String, CaseIterable {
        case now, approvals, agents, alerts, runs, audit, servers, policy, halt

        var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
        var link: Link { Link(rawValue) }
    }
}
