/// The reason why a cache of collected runs is not used. The whole log is read instead.
package enum CollectedRunsFault: Error, Equatable, Sendable, CaseIterable {
    /// It has another form, or is cut off.
    case malformed
    /// This deployment did not write these bytes.
    case unauthentic
    /// It was collected by another program, for other agents, servers or tasks, or under other criteria.
    case otherBasis
    /// It does not have an agent.
    case missingAgent
    /// The log has another first record, or its first records are not those of the cache.
    case otherLog
    /// A payload was erased since, and its part of the runs would not be found again.
    case erasedSince
    /// The whole log was read too long ago, or by a clock that was set back since.
    case outdated
}
