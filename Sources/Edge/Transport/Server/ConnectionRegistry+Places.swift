extension ConnectionRegistry {
    /// Closes connections for one more, where the places are shared. On the loop of all of them.
    ///
    /// - Returns: false if there is no place and none can be made.
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
