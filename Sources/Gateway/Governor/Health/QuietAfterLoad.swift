/// Finds the first quiet second after a load: memory that only its calls needed can be returned then, and no call waits
/// for that.
package struct QuietAfterLoad: Sendable {
    /// The requests that make a load. What fewer leave is not worth the work.
    package static let loadRequests = 1000
    /// At most so many requests in a second are quiet.
    package static let quietRequests = 10

    private var seen = 0
    private var sinceLast = 0

    package init() {}

    /// Whether a load ended in the last second. Called every second.
    ///
    /// - Parameter requests: all requests since the start.
    package mutating func begins(requests: Int) -> Bool {
        let new = max(0, requests - seen)
        seen = max(seen, requests)
        sinceLast += new
        guard new <= Self.quietRequests, sinceLast >= Self.loadRequests else { return false }
        sinceLast = 0
        return true
    }
}
