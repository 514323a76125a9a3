package import InterlockEvidence
import InterlockGovernor
import InterlockModel
import InterlockNotification
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import Synchronization

extension StatusService {
    package func health(for visibility: Visibility) async -> GatewayHealth {
        let now = gateway.clock.now
        let checks = runner.checks(at: now.boot)
        return GatewayHealth(
            at: now.wall, checks: checks,
            weakPoints: checks.filter { $0.part != .policy || gateway.policy.isFounding }
                .compactMap(WeakPoint.init) + policyPoints + serverPoints + channelPoints
                + logPoints + endPoints(for: visibility, at: now.wall),
            stuck: gateway.monitors.heartbeats.stuck(at: now.boot))
    }

    private var policyPoints: [WeakPoint] {
        guard let policies = sources.policies else { return [] }
        var points: [WeakPoint] = []
        if case .signed(_, let basis) = policies.status, basis != .people {
            points.append(
                WeakPoint(
                    .policyAlone, "the author alone has signed the policy off (\(basis.rawValue))",
                    remedy: HealthFinding.signedAlone))
        }
        switch policies.last?.refusal {
        case nil: break
        case .signOff:
            points.append(
                WeakPoint(
                    .policyRefused,
                    "a revision on disk waits for signatures; the policy before it stays in force",
                    remedy: "The page Policy shows who can sign it."))
        case .some:
            points.append(
                WeakPoint(
                    .policyRefused,
                    "the last reload of the policy was refused; the policy before it stays in force",
                    remedy: HealthFinding.reloadRefused))
        }
        switch policies.lock {
        case .absent:
            points.append(
                WeakPoint(
                    .lockUnsigned,
                    "there is no lock: the first definition that is seen counts as reviewed",
                    remedy: "Review the servers and pin them with `interlock servers pin`."))
        case .unsigned(let problem):
            points.append(
                WeakPoint(
                    .lockUnsigned, "\(problem)",
                    remedy: "Sign the lock with `interlock servers pin`."))
        case .signed, .refused: break
        }
        return points
    }

    private var serverPoints: [WeakPoint] {
        gateway.policy.snapshot.servers.values.sorted { $0.name < $1.name }.compactMap { server in
            server.weakness.map {
                WeakPoint(
                    .serverWeak, "server \(server.name): \($0.sentence)",
                    remedy: "In the policy: \($0.remedy).")
            }
        }
    }

    /// The least number of channels for alerts that need a person at once.
    private static let pageChannels = 2

    private var channelPoints: [WeakPoint] {
        guard let alerts = sources.alerts, alerts.routes.pages.count < Self.pageChannels else {
            return []
        }
        return [
            WeakPoint(
                .onePageChannel,
                alerts.routes.pages.isEmpty
                    ? "no channel is marked for urgent alerts"
                    : "one channel is marked for urgent alerts: they depend on it",
                remedy: "Mark two channels with `page: true` in `alerts.channels`.")
        ]
    }

    private var logPoints: [WeakPoint] {
        var points: [WeakPoint] = []
        let index = gateway.index.status
        let missing = indexLag.missing
        if let fault = index.fault {
            points.append(
                WeakPoint(
                    .indexBehind, "the index of the log fails: \(fault)",
                    remedy: "Make room on its disk, or repair it. Searches miss what it lacks."))
        } else if missing > 0 {
            points.append(
                WeakPoint(
                    .indexBehind, "the index of the log lacks \(missing) records or more",
                    remedy: "Wait until it has caught up; searches miss what it lacks."))
        }
        let keys = gateway.records.keyStatus
        if keys.lostRuns > 0 {
            points.append(
                WeakPoint(
                    .payloadKeys, "the keys of payloads of \(keys.lostRuns) runs are gone",
                    remedy:
                        "Restore the keys of payloads from a backup: nothing more is permitted to these runs."
                ))
        }
        if let failure = keys.failure {
            points.append(
                WeakPoint(
                    .payloadKeys, "a key of payloads could not be kept: \(failure)",
                    remedy: "Make room on its disk, or repair it."))
        }
        return points
    }

    /// The keys, credentials, reviews and certificate that end soon or have ended, as far as the viewer may see whose it is.
    private func endPoints(for visibility: Visibility, at now: Timestamp) -> [WeakPoint] {
        (sources.ends?.due(at: now) ?? []).filter { $0.isSeen(by: visibility) }
            .map { WeakPoint(.ends, $0.words, remedy: $0.remedy) }
    }
}

extension DueEnd {
    /// A key is that of a person, and a credential or review that of an agent; the certificate is the gateway's.
    fileprivate func isSeen(by visibility: Visibility) -> Bool {
        switch kind {
        case .certificate: true
        case .key: visibility.readsAll || (holder != nil && holder == visibility.person)
        case .credential, .review: agent.map(visibility.sees) ?? visibility.seesAll
        }
    }

    fileprivate var words: String {
        let day = end.day.text
        let time: String =
            switch notice {
            case .fortnight, .lastDay: "ends on \(day)"
            case .overdue: "ended on \(day)"
            }
        return switch kind {
        case .certificate: "the gateway's certificate \(time)"
        case .key: "the last key of \(holder?.address ?? subject) \(time)"
        case .credential: "the credential \(subject) should be replaced: its time \(time)"
        case .review: "the review of agent \(subject) is due: its time \(time)"
        }
    }

    fileprivate var remedy: String {
        switch kind {
        case .certificate: "Put a new certificate in its file; the gateway reads it again."
        case .key: "Enrol a new one by `interlock people invite`, before the last one ends."
        case .credential: "Rotate the credential, and state the new day in `rotate_by`."
        case .review: "Review what the agent may do, and set a new `review_by`."
        }
    }
}
