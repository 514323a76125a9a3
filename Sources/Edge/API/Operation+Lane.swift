package import InterlockGovernor

extension Operation {
    /// Returns the lane of an operation. Halts, and the requests that `interlock kill` sends before one, run on the
    /// loop that reads the connections.
    ///
    /// - Parameter path: the path without the prefix of the API.
    package static func lane(below path: Substring) -> RequestLane {
        switch path.split(separator: "/", maxSplits: 1).first {
        case "halts", "session", "beat", "names", "open-runs", "sandbox-runs": .control
        case "releases": .halts
        default: .page
        }
    }
}
