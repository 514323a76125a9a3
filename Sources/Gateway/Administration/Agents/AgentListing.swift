/// One page of a list of agents, by name.
package struct AgentListing: Sendable {
    package static let pageSize = 50

    package let lines: [AgentSummary]
    /// From 1.
    package let page: Int
    package let pages: Int
    /// On all pages.
    package let count: Int
    /// Whether more kinds of refusals came than are counted.
    package let isIncomplete: Bool

    package init(
        lines: [AgentSummary], page: Int = 1, pages: Int = 1, count: Int, isIncomplete: Bool = false
    ) {
        self.lines = lines
        self.page = page
        self.pages = pages
        self.count = count
        self.isIncomplete = isIncomplete
    }
}
