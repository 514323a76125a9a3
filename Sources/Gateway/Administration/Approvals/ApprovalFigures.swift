import InterlockApprovals
import InterlockModel
import InterlockPorts
import Synchronization

/// Figures about decisions of approvers for `/metrics`; they identify no person and no request.
package final class ApprovalFigures: Sendable {
    fileprivate struct Vote: Hashable {
        let verdict: String
        let channel: String
    }
    private let decided = Tier.allCases.map { _ in Histogram(Histogram.ofPeople) }
    private let counts = Mutex<[Vote: Int]>([:])

    init() {}

    var times: [(tier: Tier, times: Histogram)] { Array(zip(Tier.allCases, decided)) }

    var votes: [(verdict: String, channel: String, count: Int)] {
        counts.withLock { $0 }.map { ($0.key.verdict, $0.key.channel, $0.value) }
            .sorted { ($0.verdict, $0.channel) < ($1.verdict, $1.channel) }
    }

    /// Counts a change. Must be called after the change is in the log and in the store.
    func note(
        _ action: ApprovalAction, _ event: ApprovalEvent, of request: ApprovalRequest,
        at now: Timestamp
    ) {
        if let vote = Vote(event) { counts.withLock { $0[vote, default: 0] += 1 } }
        guard action.isDecided, let place = Tier.allCases.firstIndex(of: request.decision.tier)
        else { return }
        decided[place].record(microseconds: (now - request.created).microseconds)
    }
}

extension ApprovalFigures.Vote {
    fileprivate init?(_ event: ApprovalEvent) {
        switch event {
        case .vote(let vote):
            let channel =
                switch vote.credential {
                case .passkey: "passkey"
                case .key: "key"
                }
            self.init(verdict: vote.statement.verdict.rawValue, channel: channel)
        case .object(let objection): self.init(verdict: "deny", channel: objection.means.rawValue)
        case .consent: self.init(verdict: "approve", channel: "client")
        default: return nil
        }
    }
}

extension ApprovalAction {
    fileprivate var isDecided: Bool {
        switch self {
        case .granted, .denied: true
        default: false
        }
    }
}

extension ApprovalService {
    /// The number of pending requests by tier, including probes, as people see them.
    var pendingByTier: [Tier: Int] {
        state.withLock { state in
            let tiers =
                state.table.open.values.filter { $0.state == .pending }.map(\.decision.tier)
                + state.probes.live.map(\.form.decision.tier)
            return Dictionary(tiers.map { ($0, 1) }, uniquingKeysWith: +)
        }
    }
}
