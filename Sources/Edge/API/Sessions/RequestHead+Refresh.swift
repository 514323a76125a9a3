import InterlockPorts

extension RequestHead {
    /// True if a page refreshes itself by this request, so that it does not count as activity of the person.
    package var isRefresh: Bool { self["x-interlock-refresh"] != nil }
}
