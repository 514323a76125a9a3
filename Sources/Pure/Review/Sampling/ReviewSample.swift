package import InterlockModel
package import InterlockTrust

/// One record of a sample.
package struct SampledRecord: Sendable, Hashable {
    package let leaf: Digest
    /// Its index in the log.
    package let index: UInt64
    package let time: Timestamp

    package init(leaf: Digest, index: UInt64, time: Timestamp) {
        self.leaf = leaf
        self.index = index
        self.time = time
    }
}

/// The sample of one stratum of one agent.
package struct StratumSample: Sendable, Hashable {
    package let agent: AgentName
    package let stratum: ReviewStratum
    /// The records of the stratum in the population.
    package let population: Int
    package let size: SampleSize
    /// The records to read, in the order of their ranks.
    package let records: [SampledRecord]
    /// The next ones in that order, which replace records whose payload was erased.
    package let spares: [SampledRecord]

    package init(
        agent: AgentName, stratum: ReviewStratum, population: Int, size: SampleSize,
        records: [SampledRecord], spares: [SampledRecord]
    ) {
        self.agent = agent
        self.stratum = stratum
        self.population = population
        self.size = size
        self.records = records
        self.spares = spares
    }
}

/// The agent as it was when the sample was drawn, which the sizes rest on.
package struct SampledAgent: Sendable, Hashable {
    package let name: AgentName
    package let tier: Tier
    package let stage: AutonomyStage

    package init(name: AgentName, tier: Tier, stage: AutonomyStage) {
        self.name = name
        self.tier = tier
        self.stage = stage
    }
}

/// The checkpoint that a sample is drawn at.
package struct SampleCheckpoint: Sendable, Hashable {
    package let origin: String
    package let size: UInt64
    package let root: Digest

    package init(origin: String, size: UInt64, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }
}

/// The records that a reviewer reads, strata of all agents in the order of agents and strata.
package struct ReviewSample: Sendable, Hashable {
    package let scope: ReviewScope
    package let period: ReviewPeriod
    package let checkpoint: SampleCheckpoint
    /// The 32 random bytes of the seed.
    package let random: [UInt8]
    /// The tools whose calls are consequential because they send data out, sorted.
    package let senders: [ToolAddress]
    package let agents: [SampledAgent]
    package let strata: [StratumSample]

    package init(
        scope: ReviewScope, period: ReviewPeriod, checkpoint: SampleCheckpoint, random: [UInt8],
        senders: [ToolAddress], agents: [SampledAgent], strata: [StratumSample]
    ) {
        self.scope = scope
        self.period = period
        self.checkpoint = checkpoint
        self.random = random
        self.senders = senders
        self.agents = agents
        self.strata = strata
    }
}
