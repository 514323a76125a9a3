import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTrust

extension DeploymentEvaluator {
    var scopes: Finding {
        let agents = facts.policy.agents.values
        if agents.isEmpty {
            return .lacking("the policy has no agent", remedy: "interlock policy init")
        }
        if let gap = acted([.writeUnderRead]).gap { return gap }
        return clean(
            of: [.wholeClassGrant, .grantWithoutEffect],
            "\(agents.count) agents have scopes of their own",
            remedy: "name the tools that the agent needs")
    }

    var sandbox: Finding {
        if let gap = acted([.unlistedHost]).gap { return gap }
        let act = acts.first { $0.id == SelfTestCase.unlistedHost.rawValue }
        if let act, act.text.hasPrefix(SelfTestCase.untested) {
            return .lacking(act.text, remedy: "run the gateway as a user who can make sandboxes")
        }
        let bare = facts.policy.agents.values.filter { $0.sandbox == nil }.map(\.name).sorted()
        if let first = bare.first {
            return .lacking(
                "\(bare.count) agents have no sandbox, the first is \(first.text)",
                remedy: "state `sandbox`, and start the agent by `interlock run`")
        }
        return clean(
            of: [.weakSandbox, .egressWildcard], "each agent has a sandbox and lists its hosts",
            remedy: "leave out what makes the sandbox weaker, and name the hosts")
    }

    var approvals: Finding {
        let controls = facts.policy.document.controls
        for effect in Effect.gravestFirst where effect.isGrave {
            if controls[effect].supervised == .allow || controls[effect].trusted == .allow {
                return .lacking(
                    "an effect that cannot be taken back needs no approval",
                    remedy: "state `controls` for it")
            }
        }
        return acted([.changedArgument, .replayedApproval])
    }

    var logAndAlerts: Finding {
        if let gap = finding(of: .noAudit).gap { return gap }
        guard facts.hasChannel else {
            return .lacking(
                "no channel notifies people of alerts", remedy: "state `alerts.channels`")
        }
        return .seen("every call is logged, and alerts reach people")
    }

    var witnessedLog: Finding {
        if let gap = finding(of: .noAudit).gap { return gap }
        guard let seconds = facts.cosignatureSeconds else {
            return .lacking(
                "no witness has cosigned the log since the start",
                remedy: "interlock audit witness status")
        }
        guard seconds < Self.longestUncosigned else {
            return .lacking(
                "the last cosignature of the log is \(seconds / 3_600) h old, 24 h at most",
                remedy: "interlock audit witness status")
        }
        return .seen("witnesses cosign the log, and an edited copy of a record is refused")
    }

    /// The age in seconds from which a cosignature does not show that witnesses cosign (docs/specs/evidence.md, section 7).
    private static let longestUncosigned: Int64 = 24 * 3_600

    var tiers: Finding {
        let missing = facts.policy.agents.values.filter { !$0.incomplete.isEmpty }.map(\.name)
        if let first = missing.sorted().first {
            return .lacking(
                "\(first.text) lacks owner, purpose, tier, stage or review date",
                remedy: "interlock policy check")
        }
        return clean(
            of: [.tierBelowComputed], "each agent has a tier that is not below the computed one",
            remedy: "raise the tier of the agent")
    }

    var review: Finding {
        guard let review = facts.review else {
            return .lacking(
                "it is not known when the log was reviewed", remedy: "interlock review start")
        }
        guard review.isCurrent(at: facts.now) else {
            return .lacking("the review is overdue", remedy: "interlock review start")
        }
        return .seen("the next review is due \(review.due.rfc3339(fractionDigits: 0))")
    }

    // MARK: The parts of findings

    /// Seen if each of these acts passed; lacking with the first that did not.
    func acted(_ tests: [SelfTestCase]) -> Finding {
        for test in tests {
            guard let result = acts.first(where: { $0.id == test.rawValue }) else {
                return .lacking(
                    "the act \(test.rawValue) was not made", remedy: "interlock selftest run")
            }
            if !result.passed {
                return .lacking(
                    "\(test.rawValue): \(result.text)",
                    remedy: result.remedy ?? "interlock selftest run")
            }
        }
        return .seen("refused: " + tests.map(\.rawValue).joined(separator: ", "))
    }

    /// Seen if the policy has no finding of these codes that no waiver covers.
    func clean(of codes: [FindingCode], _ text: String, remedy: String) -> Finding {
        let found = facts.policy.findings.first { codes.contains($0.code) && !$0.waived }
        guard let found else { return .seen(text) }
        return .lacking("\(found.code.rawValue) \(found.message)", remedy: found.remedy ?? remedy)
    }
}
