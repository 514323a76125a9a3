extension ConnectionRegistry {
    /// Closes connections to admit one more, if the places are shared. Must be called on the loop of all connections.
    ///
    /// - Returns: false if there is no free place and none can be freed.
    func makePlace(on loop: EventLoop) -> Bool {
        let open = connections(of: loop)
        let shares = PlaceShares(connections: limits.connections)
        guard open.count >= shares.connections - shares.reserve else { return true }
        let candidates = open.map { one in
            PlaceShares.Candidate(claim: one.claim, isIdle: one.phase != .handling)
        }
        guard let leaving = shares.leaving(candidates) else { return false }
        for index in leaving { open[index].close() }
        return true
    }
}
