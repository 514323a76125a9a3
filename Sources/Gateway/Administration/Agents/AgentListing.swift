/// One page of a list of agents, by name.
package struct AgentListing: Sendable {
    package static let pageSize = 50

    package let lines: [AgentSummary]
    /// The page number, from 1.
    package let page: Int
    package let pages: Int
    /// The number of matching agents on all pages.
    package let count: Int
    /// True if more kinds of refusals occurred than are counted.
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
