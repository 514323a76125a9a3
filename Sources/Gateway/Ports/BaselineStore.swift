package import InterlockModel

/// The learned baseline of an agent. It is a cache: if it is lost, learned detectors raise no alerts until they have
/// learned again.
package struct StoredBaseline: Sendable, Equatable {
    package let agent: AgentName
    /// The encoding that `AgentMonitor` writes.
    package let learned: [UInt8]
    package init(agent: AgentName, learned: [UInt8]) {
        self.agent = agent
        self.learned = learned
    }
}

package protocol BaselineStore: Sendable {
    /// - Throws: also if one of them cannot be read.
    func baselines(most: Int) async throws(StoreFailure) -> [StoredBaseline]
    func keep(baselines: [StoredBaseline]) async throws(StoreFailure)
}

/// Features that agents were seen to use, by digests that reveal nothing. Each method returns when its change is
/// durable.
package protocol SightingStore: Sendable {
    func sightings(most: Int) async throws(StoreFailure) -> [Digest]
    /// Adds these digests; those that are stored already stay unchanged.
    func keep(sightings: [Digest]) async throws(StoreFailure)
}
