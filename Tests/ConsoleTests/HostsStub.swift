import InterlockLedger
import InterlockModel
import Synchronization

@testable import InterlockEvidence

/// Sessions of a coding agent in memory: stores each query, and refuses if a refusal is set.
final class HostsStub: HostQueries {
    let asked = Mutex<[HostQuery]>([])
    let refusal = Mutex<EvidenceRefusal?>(nil)

    func sessions(
        _ query: HostQuery, before: UInt64?, for reader: EvidenceReader
    ) async throws(EvidenceRefusal) -> HostSessionListing {
        asked.withLock { $0.append(query) }
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        guard before == nil else { return HostSessionListing(sessions: [], next: nil, fault: nil) }
        return HostSessionListing(sessions: [Self.session], next: 40, fault: nil)
    }

    static var session: HostSessionView {
        var session = HostSessionView(
            run: EvidenceShelf.run, agent: EvidenceShelf.line.agent, name: "5b1c-7")
        session.host = "claude-code"
        session.version = "2.1.327"
        session.mode = "sha256:QLXTbNQ1YTnI03wFjLK7rw=="
        session.subagents = [.init(name: "a1", kind: "Explore")]
        session.tools = [.init(name: "host.shell", allowed: 3, approved: 1, denied: 2)]
        session.unmatched = 1
        session.note("hook.silent")
        session.note("hook.new_kind")
        session.lastEvent = "subagent_stop"
        session.last = Timestamp(microseconds: 1_795_169_731_500_000)
        session.newest = 41
        session.health = .silent
        return session
    }
}
