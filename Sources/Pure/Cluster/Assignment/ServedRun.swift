import InterlockModel

/// A message that is not served yet.
struct WaitingMessage: Sendable {
    let message: RunMessage
    let isCall: Bool
    /// The peer that forwarded it; nil if it came from an agent.
    let peer: NodeName?
}

/// A result that waits for the commit of its level.
struct WaitingResult: Sendable {
    let call: CallID
    let level: TaintLevel
}

/// A run that this node serves.
///
/// `isFreeing` is false while the run is used; then messages wait for the answer of the store, and the run is
/// claimed anew.
struct ServedRun: Sendable {
    let agent: AgentName
    let home: NodeName
    let term: Int64
    /// The number of the claim by which the node has it.
    let claim: Int64
    var open: Set<RunMessage> = []
    var lastUsed: BootTime
    /// The level by which calls are decided. It rises at once, before the store knows it.
    var level: TaintLevel
    var committed: TaintLevel
    /// The level that the store was asked to keep.
    var committing: TaintLevel?
    var results: [WaitingResult] = []
    var calls: Int64
    var reserved: Int64
    /// The number of calls that the store was asked to keep.
    var reserving: Int64?
    /// Calls that wait for `reserved`, or messages that wait for the end of `isFreeing`.
    var waiting: [WaitingMessage] = []
    var isFreeing = false

    init(_ assignment: RunAssignment, by claim: RunClaim, at now: BootTime) {
        agent = claim.agent
        self.claim = claim.number
        home = assignment.home
        term = assignment.term
        lastUsed = now
        level = assignment.level
        committed = assignment.level
        calls = assignment.calls
        reserved = assignment.reserved
    }

    /// True if no call, stream, request or result needs the run.
    var isUnused: Bool { open.isEmpty && results.isEmpty && waiting.isEmpty && !isFreeing }
}

/// A run that the node freed, or lost with its incarnation: what it knows of it.
struct FreedRun: Sendable {
    let term: Int64
    let putBack: RunPutBack

    init(_ run: ServedRun, least level: TaintLevel) {
        term = run.term
        putBack = RunPutBack(run, least: level, calls: run.calls, isFree: true)
    }
}

extension RunPutBack {
    init(_ run: ServedRun, least level: TaintLevel = .clean, calls: Int64, isFree: Bool) {
        self.init(
            agent: run.agent, home: run.home, level: max(run.level, level), calls: calls,
            claim: run.claim, isFree: isFree)
    }
}
