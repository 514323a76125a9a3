import InterlockModel
import InterlockPolicy

extension AgentSpec {
    /// The rules that the file states for this agent alone, each with its location.
    ///
    /// - Parameter policy: the policy whose units are those of the amounts in sentences.
    func ownRules(in policy: PolicySnapshot) -> [EffectiveRule] {
        let granted = scopes.flatMap { grants($0, in: policy) }
        return granted + approvals + limits.map { limit($0, in: policy) }
            + (data ?? []).map(obligation)
            + openings + times + afterReading
    }

    private func rule(
        _ kind: EffectiveRule.Kind, _ path: String, _ subject: String, _ text: String,
        _ place: PolicyLocation, sentence: String? = nil
    ) -> EffectiveRule {
        EffectiveRule(kind, path, subject, text, place, agents: [name], sentence: sentence)
    }

    private func grants(_ scope: ScopeSpec, in policy: PolicySnapshot) -> [EffectiveRule] {
        scope.grants.map { grant in
            let subject = grant.subject(at: scope.server)
            let condition = grant.when.map { "if \($0.source)" } ?? "any arguments"
            let sandbox = grant.sandboxedOnly ? ", in the sandbox alone" : ""
            let units = ToolAddress(dotted: subject).flatMap { ConditionUnits(policy, of: $0) }
            let words =
                grant.when.map {
                    " if \(ConditionFormatter.words(of: $0.source, units: units))"
                } ?? ""
            return rule(
                .grant, grant.path, subject, condition + sandbox, grant.place,
                sentence: "\(name) is granted \(subject)\(words)\(sandbox)")
        }
    }

    private var approvals: [EffectiveRule] {
        approvalRequired.map {
            rule(
                .approval, $0.path, $0.value, "approval for every call", $0.place,
                sentence: "People decide each call of \($0.value) by \(name)")
        }
    }

    private func limit(_ limit: LimitSpec, in policy: PolicySnapshot) -> EffectiveRule {
        let words =
            switch limit.subject {
            case .calls: "at most \(RuleSentence.rate(limit.rate))"
            case .tool(let tool): "at most \(RuleSentence.rate(limit.rate)) of \(tool)"
            case .spend(let tool, let field):
                RuleSentence.spend(limit, tool, field, address(of: tool, in: policy), in: policy)
            }
        return rule(
            .limit, limit.path, limit.subject.text, limit.rate.text, limit.place,
            sentence: "\(name): \(words)")
    }

    /// The one tool that a name in a limit means; nil if it means none or several.
    private func address(of tool: String, in policy: PolicySnapshot) -> ToolAddress? {
        guard case .tool(let tool) = policy.document.resolver.resolve(tool, for: self) else {
            return nil
        }
        return tool
    }

    private func obligation(_ data: DataSpec) -> EffectiveRule {
        rule(
            .data, data.tool.path, data.tool.value, data.obligations.names.list, data.tool.place,
            sentence: "Calls of \(data.tool.value) by \(name): \(data.obligations.words)")
    }

    private var openings: [EffectiveRule] {
        (egress ?? []).map {
            rule(
                .egress, $0.path, $0.value, "may be reached", $0.place,
                sentence: "\(name) can reach \($0.value) from its sandbox")
        }
    }

    private var times: [EffectiveRule] {
        hours.map {
            [
                rule(
                    .hours, $0.path, $0.zone.value, $0.text, $0.place,
                    sentence: "\(name) can act \($0.text), time zone \($0.zone.value)")
            ]
        } ?? []
    }
}

extension AgentSpec {
    /// The rule for calls after untrusted content, or with values of it.
    private var afterReading: [EffectiveRule] {
        guard let taint else { return [] }
        return [
            rule(
                .taint, taint.path, "taint", taint.words, taint.place,
                sentence: "\(name): \(taint.words)")
        ]
    }
}

extension GrantSpec {
    /// The tool, or the server and class, that is granted.
    func subject(at server: String) -> String {
        switch selector {
        case .tool(let name): "\(server).\(name)"
        case .toolClass(let granted): "\(server), class \(granted.rawValue)"
        }
    }
}

extension HoursSpec {
    /// The hours in the form `mon tue 09:00-17:00`.
    var text: String {
        func clock(_ minutes: Int) -> String {
            [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        }
        let days = days.sorted().map { weekDays[$0] }.joined(separator: " ")
        return "\(days) \(clock(from))-\(clock(to))"
    }
}

extension [String] {
    /// The elements separated by commas, or "nothing" if the array is empty.
    var list: String { isEmpty ? "nothing" : joined(separator: ", ") }
}
