import InterlockCluster
import InterlockModel

extension ClusterAudit {
    private typealias Use = RecordedApprovals.Use
    private typealias Vote = RecordedApprovals.Vote
    private typealias Form = RecordedApprovals.Form

    /// X1: each vote that a use names is in its log, for what was shown, by a person enrolled at the entry of the use;
    /// and enough people voted.
    mutating func checkVotes() {
        var forms: [ApprovalID: [Form]] = [:]
        for log in logs { forms.merge(log.approvals.forms) { $0 + $1 } }
        for log in logs {
            for use in log.approvals.uses {
                guard let entry = use.entry, chain.has(entry) else { continue }
                let form = forms[use.request]?.last { $0.content == use.form }
                for finding in findings(of: use, form, at: entry.number, in: log) {
                    report(finding)
                }
            }
        }
    }

    private func findings(
        of use: Use, _ form: Form?, at number: Int64, in log: NodeLog
    ) -> [ClusterFinding] {
        func finding(_ severity: ClusterFinding.Severity, _ text: String) -> ClusterFinding {
            ClusterFinding(.votes, as: severity, log: log.origin, index: use.index, text)
        }
        guard let grants = use.grants else { return [finding(.fault, "it names no votes")] }
        guard let form else {
            return [finding(missing, "no log has the request `\(use.request.text)` in this form")]
        }
        var found: [ClusterFinding] = []
        var people: Set<Pseudonym> = []
        var isSure = true
        for grant in grants {
            let origin = grant.log ?? log.name
            guard let other = byOrigin[origin], let vote = other.approvals.votes[grant.hash] else {
                isSure = false
                let severity = severity(ofMissingIn: origin)
                found.append(
                    finding(
                        severity,
                        "it names the vote `\(grant.hash.base64)`, which `\(origin)` lacks"))
                continue
            }
            if let fault = fault(of: vote, for: use, form, grants.count, at: number) {
                found.append(finding(.fault, "the vote `\(grant.hash.base64)` \(fault)"))
            }
            if let person = vote.person, !people.insert(person).inserted {
                found.append(finding(.fault, "it counts a person twice"))
            }
        }
        if isSure, Int64(grants.count) < form.need {
            found.append(finding(.fault, "it has \(grants.count) votes and needs \(form.need)"))
        }
        return found
    }

    private func fault(
        of vote: Vote, for use: Use, _ form: Form, _ votes: Int, at number: Int64
    ) -> String? {
        guard vote.request == use.request, vote.form == use.form else {
            return "is about another request, or another form of it"
        }
        guard let person = vote.person else {
            let isConsent = vote.via == "client" && votes == 1 && form.need == 1
            return isConsent ? nil : "names no person"
        }
        guard vote.hasProof else { return "has no signed statement" }
        return isEnrolled(person, via: vote.via, at: number, vote.time)
            ? nil : "is by a person who was not enrolled at entry \(number)"
    }

    /// Returns true if the person has a credential of the kind that counts at the entry and had not expired at the vote.
    private func isEnrolled(
        _ pseudonym: Pseudonym, via: String?, at number: Int64, _ time: Timestamp
    ) -> Bool {
        let people = chain.people(at: number)
        guard let person = people.person(pseudonym) else { return false }
        let hasKey = person.keys.contains { !$0.isRevoked && !$0.isExpired(at: time) }
        let hasPasskey = people.passkeys.contains {
            $0.holder == pseudonym && !$0.isRevoked && !$0.isExpired(at: time)
        }
        switch via {
        case "cli-key": return hasKey
        case "console-webauthn": return hasPasskey
        default: return hasKey || hasPasskey
        }
    }
}
