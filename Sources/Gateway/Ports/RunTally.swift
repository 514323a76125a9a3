/// The number of calls in a run, according to the index.
package struct RunTally: Sendable, Hashable {
    /// The number of calls permitted, sent to people, or refused.
    package var calls: Int
    package var denials: Int
    package var isEnded: Bool

    package init(calls: Int = 0, denials: Int = 0, isEnded: Bool = false) {
        self.calls = calls
        self.denials = denials
        self.isEnded = isEnded
    }
}
