extension Page {
    /// The rooms of the console, in the order in which every page names them.
    enum Section: String, CaseIterable {
        case now, approvals, agents, alerts, runs, audit, servers, policy, halt

        var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
        var link: Link { Link(rawValue) }
    }
}
