/// One page of a list of agents, by name.
package struct AgentListing: Sendable {
    package static let pageSize = 50

    package let lines: [AgentSummary]
    /// The page number, from 1.
    package var page: Int = 1
    package var pages: Int = 1
    /// The number of matching agents on all pages.
    package let count: Int
    /// True if more kinds of refusals occurred than are counted.
    package var isIncomplete: Bool = false
}
