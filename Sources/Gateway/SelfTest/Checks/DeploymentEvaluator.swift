import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTrust

/// Evaluates the checks of one deployment. What is not known counts as lacking.
struct DeploymentEvaluator {
    enum Finding {
        case seen(String)
        case lacking(String, remedy: String)

        /// The finding itself if something is lacking; nil if not.
        var gap: Finding? {
            if case .lacking = self { self } else { nil }
        }
    }

    let facts: DeploymentFacts
    let acts: [SelfTestResult]

    private var policy: PolicySnapshot { facts.policy }

    func finding(of check: DeploymentCheck) -> Finding {
        switch check {
        case .promptAsBoundary: promptAsBoundary
        case .sharedCredentials: sharedCredentials
        case .noAudit: log
        case .untestedKillSwitch, .fiveKillSwitch: killSwitch
        case .everythingGated: everythingGated
        case .onlyPromptsGoverned: onlyPromptsGoverned
        case .sevenInventory: inventory
        case .uniformControls: uniformControls
        case .standingProduction: standingProduction
        case .rubberStamp: rubberStamp
        case .fiveScopes, .sevenScopes: scopes
        case .fiveSandbox: sandbox
        case .fiveApprovals: approvals
        case .fiveLog: logAndAlerts
        case .sevenTiers: tiers
        case .sevenHook: acted([.unlistedTool, .writeUnderRead, .forbiddenArguments])
        case .sevenLog: witnessedLog
        case .sevenApprovals: acted([.changedArgument, .replayedApproval])
        case .sevenReview: review
        case .controlRetention: retention
        case .controlEvals: evals
        case .controlPolicySigned: policySigned
        case .controlHooks: hooks
        case .controlIncidents: incidents
        }
    }

    // MARK: The pitfalls

    /// A grant that is wider than its purpose leaves the rest to the words of a prompt.
    private var promptAsBoundary: Finding {
        let tests: [SelfTestCase] = [.unlistedTool, .writeUnderRead, .forbiddenArguments]
        if let gap = acted(tests).gap { return gap }
        return clean(
            of: [.wholeClassGrant],
            "calls are refused outside the model, and tools are granted by name",
            remedy: "name the tools that the agent needs")
    }

    private var sharedCredentials: Finding {
        for server in policy.servers.values.sorted(by: { $0.name < $1.name }) {
            var holders: [ExactText: AgentName] = [:]
            for (agent, credential) in server.credentials.sorted(by: { $0.key < $1.key }) {
                let secret = ExactText(credential.secret)
                if let other = holders[secret] {
                    return .lacking(
                        "\(other.text) and \(agent.text) share a credential of \(server.name.text)",
                        remedy: "give each agent a credential of its own")
                }
                holders[secret] = agent
            }
        }
        return clean(
            of: [.sharedCredential], "no two agents share a credential",
            remedy: "give each agent a credential of its own")
    }

    private var log: Finding {
        if let code = facts.log.refusing {
            return .lacking(
                "the log takes no permits: \(code)", remedy: "interlock audit verify")
        }
        guard facts.log.size > 0 else {
            return .lacking("the log is empty", remedy: "interlock audit verify")
        }
        if let gap = acted([.permittedCall, .editedLog]).gap { return gap }
        return .seen("\(facts.log.size) records, and an edited copy of one is refused")
    }

    private var killSwitch: Finding {
        if let gap = acted([.callUnderKill]).gap { return gap }
        switch facts.drill.word {
        case .fine, .dueSoon:
            return .seen("rehearsed, and a halted call was refused")
        case .none:
            return .lacking("no drill is required", remedy: "state `kill_switch.drill_every`")
        case .declared:
            return .lacking(
                "a drill is declared and not proven", remedy: "interlock drill run")
        case .overdue, .failed:
            return .lacking(
                "the drill is \(facts.drill.word.rawValue)", remedy: "interlock drill run")
        }
    }

    private var everythingGated: Finding {
        if let gap = acted([.permittedCall]).gap { return gap }
        let read = policy.document.controls[.read]
        if read.supervised != .allow || read.trusted != .allow {
            return .lacking(
                "people are asked about every read",
                remedy: "let `controls.read` allow, and ask about what cannot be undone")
        }
        return clean(
            of: [.approvalOfReversible], "reads need no approval",
            remedy: "ask people about what cannot be undone alone")
    }

    /// A tool that the policy does not name is not called, and each that it names has a reviewed definition.
    private var onlyPromptsGoverned: Finding {
        if let gap = acted([.unlistedTool]).gap { return gap }
        return inventory
    }

    private var inventory: Finding {
        guard policy.lock != nil, policy.lockProblem == nil else {
            return .lacking(
                "no tool has a reviewed definition, so texts alone are governed",
                remedy: "interlock servers pin")
        }
        return clean(
            of: [.noPin], "\(policy.table.rows.count) tools have a class and a reviewed definition",
            remedy: "interlock servers pin")
    }

    /// A read passes without people, and what cannot be taken back waits for them.
    private var uniformControls: Finding {
        if let gap = acted([.permittedCall, .changedArgument]).gap { return gap }
        let controls = policy.document.controls
        let rows = Effect.allCases.map { controls[$0] }
        let isUniform = rows.allSatisfy { row in
            row.supervised == rows[0].supervised && row.trusted == rows[0].supervised
        }
        if isUniform {
            return .lacking(
                "one control applies to every effect at every stage",
                remedy: "state `controls` by effect")
        }
        return clean(
            of: [.tierBelowComputed], "controls differ by effect and stage",
            remedy: "raise the tier of the agent")
    }

    /// An elevation permits nothing outside its period.
    private var standingProduction: Finding {
        if let gap = acted([.writeUnderRead]).gap { return gap }
        return clean(
            of: [.standingProduction, .rotationOverdue],
            "no standing grant reaches production, and no credential is past its last day",
            remedy: "use an elevation, and rotate credentials")
    }

    /// The owner of an agent does not approve its calls, and an approval is good for one call as it was shown.
    private var rubberStamp: Finding {
        if let gap = acted([.changedArgument, .replayedApproval]).gap { return gap }
        if !facts.refusesHaste {
            return .lacking(
                "approvals in haste are only counted",
                remedy: "set `approval_service.countermeasures: refuse`")
        }
        if !facts.asksProbes {
            return .lacking(
                "approvers are never asked about a request that is known to be bad",
                remedy: "set `approval_service.probes`")
        }
        return clean(
            of: [.ownerInGroup], "haste is refused, and reading is tested",
            remedy: "choose a group without the owner")
    }
}
