/// Finds the first quiet second after a load: memory that only its calls needed can be returned then. A call that arrives
/// meanwhile may wait for that, so it is found once a minute at most.
package struct QuietAfterLoad: Sendable {
    /// The requests that make a load. What fewer leave is not worth the work.
    package static let loadRequests = 1000
    /// The most requests of a quiet second.
    package static let quietRequests = 10
    /// The seconds from one to the next.
    package static let pause = 60

    private var seen = 0
    private var sinceLast = 0
    private var wait = 0

    package init() {}

    /// Called every second.
    ///
    /// - Parameter requests: all requests since the start.
    /// - Returns: true if a load has ended.
    package mutating func begins(requests: Int) -> Bool {
        let new = max(0, requests - seen)
        seen = max(seen, requests)
        sinceLast += new
        wait = max(0, wait - 1)
        guard wait == 0, new <= Self.quietRequests, sinceLast >= Self.loadRequests else {
            return false
        }
        (sinceLast, wait) = (0, Self.pause)
        return true
    }
}
