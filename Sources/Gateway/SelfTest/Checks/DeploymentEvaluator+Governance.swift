import InterlockAlerts
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension DeploymentEvaluator {
    /// Payloads past their retention whose keys exist are not erased. The sweep runs every hour, so a day that ended within
    /// the last two hours does not count yet.
    var retention: Finding {
        guard let governance = facts.governance else { return unknown }
        let days: [CivilDate]
        switch governance.keyDays {
        case .failure(let failure):
            return .lacking(
                "the keys of payloads cannot be read: \(failure.reason)",
                remedy: "look at the log of the program")
        case .success(let found): days = found
        }
        let last = PayloadRetention.lastExpired(
            at: facts.now - Self.sweepGrace, days: governance.payloadDays)
        if let expired = days.first(where: { $0 <= last }) {
            return .lacking(
                "payloads of \(expired.text) are past their retention and have keys",
                remedy: "look at the log of the program")
        }
        if let failure = governance.keys.failure {
            return .lacking(
                "the last key of payloads is not durable: \(failure)",
                remedy: "free space below `state/keys`")
        }
        if governance.keys.lostRuns > 0 {
            return .lacking(
                "\(governance.keys.lostRuns) runs have lost their keys, and no erasure is on record",
                remedy: "restore `state/keys`")
        }
        return .seen("no payload older than \(governance.payloadDays) days can be opened")
    }

    var evals: Finding {
        guard let governance = facts.governance else { return unknown }
        guard let first = governance.ungated.first else {
            return .seen("no agent above stage observe works without evals that passed")
        }
        return .lacking(
            "\(governance.ungated.count) agents work without evals that passed, the first is "
                + first.text,
            remedy: "interlock eval run \(first.text)")
    }

    var policySigned: Finding {
        guard let governance = facts.governance else { return unknown }
        switch governance.signOff {
        case .founding:
            return .lacking(
                "no revision of the policy was ever signed off", remedy: "interlock policy diff")
        case .author:
            return .lacking(
                "the author alone signed the policy in force",
                remedy: "let a person other than the author sign it")
        case .people: return .seen("a person other than its author signed the policy in force")
        }
    }

    /// A sign that a coding agent went past its hook is judged by a person.
    var hooks: Finding {
        guard let governance = facts.governance else { return unknown }
        let alerts: [RaisedAlert]
        switch governance.alerts {
        case .failure(let failure):
            return .lacking(
                "the alerts cannot be read: \(failure.reason)", remedy: "interlock alerts list")
        case .success(let found): alerts = found
        }
        guard alerts.count < GovernanceFacts.mostAlerts else {
            return .lacking(
                "the last 30 days have more alerts than are read", remedy: "interlock alerts list")
        }
        let signs = alerts.filter { alert in
            alert.finding == nil
                && Self.signsOfBypass.contains { sameBytes($0, alert.code) }
        }
        if let first = signs.first {
            return .lacking(
                "nothing is said about \(signs.count) alerts of the last 30 days, the first is "
                    + first.code,
                remedy: "interlock alerts dispose \(first.id.text)")
        }
        let asked = facts.policy.agents.values.count(where: \.isAskedByHooks)
        return .seen("\(asked) agents are asked by hooks, and no sign of a bypass is open")
    }

    /// The codes of alerts which say that an agent acted without its hook.
    private static let signsOfBypass = [
        "hook.bypassed", "hook.silent", "host.unmanaged", "hook.config_changed",
    ]
    private static let sweepGrace = Duration.seconds(7200)

    var incidents: Finding {
        guard let governance = facts.governance else { return unknown }
        let open: [Incident]
        switch governance.incidents {
        case .failure(let failure):
            return .lacking(
                "the incidents cannot be read: \(failure.reason)",
                remedy: "interlock incidents list")
        case .success(let found): open = found
        }
        let left = open.filter { $0.touched + Incident.patience($0.severity) <= facts.now }
        guard let first = left.first else {
            return .seen("\(open.count) incidents are open, and people deal with each of them")
        }
        return .lacking(
            "nothing was done about \(first.id.text) of severity \(first.severity) since "
                + first.touched.rfc3339(fractionDigits: 0),
            remedy: "interlock incidents act \(first.id.text)")
    }

    private var unknown: Finding {
        .lacking("it is not known how the deployment is governed", remedy: "interlock selftest run")
    }
}
