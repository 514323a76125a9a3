package import InterlockModel

/// What is normal for an agent, kept beside its other state: a cache, without which nothing learned alarms for a while.
package struct StoredBaseline: Sendable, Equatable {
    package let agent: AgentName
    /// As `AgentMonitor` writes it.
    package let learned: [UInt8]
    package init(agent: AgentName, learned: [UInt8]) {
        self.agent = agent
        self.learned = learned
    }
}

package protocol BaselineStore: Sendable {
    /// - Throws: also where one of them cannot be read.
    func baselines(most: Int) async throws(StoreFailure) -> [StoredBaseline]
    func keep(baselines: [StoredBaseline]) async throws(StoreFailure)
}
