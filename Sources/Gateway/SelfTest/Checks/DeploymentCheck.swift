/// One check of how a deployment is set up: the nine known pitfalls (R148), the two checklists (R149), and what controls of
/// evidence packs need that no act shows (docs/specs/evidence.md, section 3). The raw value is its id in records, reports and evidence packs. It never changes.
package enum DeploymentCheck: String, Sendable, Hashable, CaseIterable {
    case promptAsBoundary = "pitfall-prompt-as-boundary"
    case sharedCredentials = "pitfall-shared-credentials"
    case noAudit = "pitfall-no-audit"
    case untestedKillSwitch = "pitfall-untested-kill-switch"
    case everythingGated = "pitfall-everything-gated"
    case onlyPromptsGoverned = "pitfall-only-prompts-governed"
    case uniformControls = "pitfall-uniform-controls"
    case standingProduction = "pitfall-standing-production-credentials"
    case rubberStamp = "pitfall-rubber-stamp"

    case fiveScopes = "five-least-privilege-scopes"
    case fiveSandbox = "five-isolated-sandbox"
    case fiveApprovals = "five-approvals-enforced"
    case fiveLog = "five-immutable-log-and-alerts"
    case fiveKillSwitch = "five-tested-kill-switch"

    case sevenInventory = "seven-inventory"
    case sevenScopes = "seven-unneeded-scopes"
    case sevenTiers = "seven-tiers"
    case sevenHook = "seven-block-before-use"
    case sevenLog = "seven-tamper-evident-log"
    case sevenApprovals = "seven-exact-approvals"
    case sevenReview = "seven-weekly-review"

    case controlRetention = "control-retention"
    case controlEvals = "control-evals"
    case controlPolicySigned = "control-policy-signed"
    case controlHooks = "control-hooks"
    case controlIncidents = "control-incidents"
}

extension DeploymentCheck {
    /// The results of all checks, in their order.
    ///
    /// - Parameter acts: the results of the acts of the same self-test, on which some checks depend.
    package static func results(
        of facts: DeploymentFacts, after acts: [SelfTestResult]
    ) -> [SelfTestResult] {
        let evaluator = DeploymentEvaluator(facts: facts, acts: acts)
        return allCases.map { check in
            switch evaluator.finding(of: check) {
            case .seen(let text): SelfTestResult(id: check.rawValue, passed: true, text: text)
            case .lacking(let text, let remedy):
                SelfTestResult(id: check.rawValue, passed: false, text: text, remedy: remedy)
            }
        }
    }
}
