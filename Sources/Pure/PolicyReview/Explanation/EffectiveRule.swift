package import InterlockModel
import InterlockPolicy

/// A rule that affects decisions, in words, with the location in the files that states it (R043).
package struct EffectiveRule: Sendable, Hashable {
    /// The kinds of rules, in the order in which pages list them.
    package enum Kind: String, Sendable, CaseIterable {
        case forbid, effect, control, tier, approvers, server, tool, elevation, waiver
        // Rules of a single agent.
        case grant, approval, limit, data, hours, egress, taint
    }

    package let kind: Kind
    /// The name that decisions and links use: the id of a rule that has one, otherwise its path in the policy.
    package let name: String
    /// The name in the policy that the rule concerns.
    package let subject: String
    package let text: String
    /// The rule as one sentence, with its condition in words and amounts in their units; nil if `text` has the words.
    package let words: String?
    package var sentence: String { words ?? "\(subject): \(text)" }
    /// The location in the files, or nil if the rule is built in.
    package let place: PolicyLocation?
    /// The agents that the rule names; empty if it names none.
    package let agents: [AgentName]

    /// - Parameter sentence: nil for the subject and the text.
    init(
        _ kind: Kind, _ name: String, _ subject: String, _ text: String, _ place: PolicyLocation?,
        agents: [AgentName] = [], sentence: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.subject = subject
        self.text = text
        words = sentence
        self.place = place
        self.agents = agents
    }
}

extension PolicySnapshot {
    /// The rules of the whole organisation, by kind. Rules of a single agent are not included.
    package var organisationRules: [EffectiveRule] {
        document.forbids.map { $0.asForbid(in: self) }
            + document.effectRules.map { $0.asEffect(in: self) }
            + document.controls.rules + document.tierRules
            + document.groups.values.sorted { $0.name < $1.name }.map(\.rule)
            + document.servers.map(\.rule) + document.servers.flatMap(\.toolRules)
            + document.elevations.map(\.rule) + document.waivers.map(\.rule)
            + document.safety.rules
    }

    /// The agent's own rules, and the rules of the organisation that concern it by name or tier. Returns
    /// nil if the policy does not contain the agent.
    package func rules(of agent: AgentName) -> [EffectiveRule]? {
        guard let spec = agents[agent]?.spec else { return nil }
        return spec.ownRules(in: self)
            + document.forbids.filter { $0.concerns(spec) }.map { $0.asForbid(in: self) }
            + document.effectRules.filter { $0.concerns(spec) }.map { $0.asEffect(in: self) }
            + document.elevations.filter { $0.agent.value == agent.text }.map(\.rule)
            + document.tierRules.filter { $0.subject == spec.effectiveTier.rawValue }
    }
}

extension RuleSpec {
    fileprivate func asForbid(in policy: PolicySnapshot) -> EffectiveRule {
        rule(.forbid, "never \(what)", "Every call of \(what) is denied", in: policy)
    }
    fileprivate func asEffect(in policy: PolicySnapshot) -> EffectiveRule {
        rule(
            .effect, "\(what) is \(adds?.name ?? "nothing more")",
            "A call of \(what) counts as \(adds?.words ?? "nothing more")", in: policy)
    }

    /// The units of the one tool that the rule names; nil if it names several, or a pattern.
    private func units(in policy: PolicySnapshot) -> ConditionUnits? {
        guard patterns.count == 1 else { return nil }
        return ToolAddress(dotted: patterns[0].value.text).flatMap {
            ConditionUnits(policy, of: $0)
        }
    }

    private func rule(
        _ kind: EffectiveRule.Kind, _ text: String, _ sentence: String, in policy: PolicySnapshot
    ) -> EffectiveRule {
        let units = units(in: policy)
        return EffectiveRule(
            kind, id.value, id.value, text + condition, place,
            agents: agents.compactMap { AgentName($0.value) },
            sentence: sentence
                + (when.map {
                    " if \(ConditionFormatter.words(of: $0.source, units: units))"
                } ?? "") + tierText)
    }

    /// The classes to which the rule is restricted, in words; empty if it is for every class.
    var classText: String {
        classes.isEmpty ? "" : " of class " + classes.map(\.rawValue).sorted().list
    }

    private var what: String { patterns.map(\.value.text).list + classText }

    private var condition: String { (when.map { " if \($0.source)" } ?? "") + tierText }

    private var tierText: String {
        tiers.isEmpty ? "" : ", at tier " + tiers.sorted().map(\.rawValue).list
    }
}

extension Controls {
    fileprivate var rules: [EffectiveRule] {
        Effect.gravestFirst.map { effect in
            let row = self[effect]
            return EffectiveRule(
                .control, "controls.\(effect.name)", effect.name,
                "supervised: \(row.supervised), trusted: \(row.trusted)", row.place,
                sentence: "A call that counts as \(effect.words): "
                    + "\(row.supervised.words) at stage supervised and at tier high, "
                    + "\(row.trusted.words) at stage trusted")
        }
    }
}

extension PolicyDocument {
    fileprivate var tierRules: [EffectiveRule] {
        Tier.allCases.compactMap { tier in
            guard let rules = tiers[tier] else { return nil }
            let needs = rules.require.isEmpty ? "" : "; needs " + rules.require.sorted().list
            return EffectiveRule(
                .tier, "tiers.\(tier.rawValue)", tier.rawValue,
                "classes \(rules.classes.map(\.rawValue).sorted().list); calls \(rules.calls.text)"
                    + needs, rules.callsPlace ?? rules.requirePlace,
                sentence: "An agent of tier \(tier.rawValue) can have grants of class "
                    + "\(rules.classes.map(\.rawValue).sorted().list) and make at most "
                    + RuleSentence.rate(rules.calls)
                    + (rules.require.isEmpty
                        ? "" : "; it must state \(rules.require.sorted().list)"))
        }
    }
}

extension GroupSpec {
    fileprivate var rule: EffectiveRule {
        var text = "\(members.map(\.value.address).list), within \(expires.seconds) s"
        if let escalateTo, let escalateAfter {
            text += "; \(escalateTo.value) after \(escalateAfter.seconds) s"
        }
        switch delegates {
        case .anyone: break
        case .members: text += "; seats pass to members alone"
        case .never: text += "; no seat is passed"
        }
        if denials == .disclosed { text += "; agents receive the reason of a denial" }
        return EffectiveRule(
            .approvers, "approvals.\(name)", name, text, place, sentence: sentence)
    }

    private var sentence: String {
        var text =
            "\(members.map(\.value.address).list) decide within \(RuleSentence.time(expires))"
        if let escalateTo, let escalateAfter {
            text += "; after \(RuleSentence.time(escalateAfter)) \(escalateTo.value) is asked too"
        }
        switch delegates {
        case .anyone: break
        case .members: text += "; seats pass to members alone"
        case .never: text += "; no seat is passed"
        }
        return text + (denials == .disclosed ? "; agents receive the reason of a denial" : "")
    }
}

extension ServerSpec {
    fileprivate var rule: EffectiveRule {
        let review = reviewed.map {
            ", \($0.trust.rawValue), reviewed by \($0.by) on \($0.on.text)"
        }
        return EffectiveRule(
            .server, "servers.\(name.text)", name.text,
            "environment \(environment)" + (review ?? ", not reviewed"), place,
            sentence: "Server \(name.text) is of environment \(environment)"
                + (review ?? ", not reviewed"))
    }

    fileprivate var toolRules: [EffectiveRule] {
        tools.map { tool in
            let statements =
                tool.units.text + tool.flow.text
                + (tool.allowsExtra ? "; takes arguments that its schema does not name" : "")
            return EffectiveRule(
                .tool, "servers.\(name.text).tools.\(tool.name.text)",
                "\(ToolAddress(server: name, tool: tool.name))",
                "class \(tool.toolClass.rawValue); effects "
                    + tool.effects.effects.map(\.name).list + statements,
                tool.place,
                sentence: "A call of \(ToolAddress(server: name, tool: tool.name)) is of class "
                    + "\(tool.toolClass.rawValue) and counts as "
                    + tool.effects.effects.map(\.words).list + statements)
        }
    }
}

extension ToolUnits {
    /// The units in words, after a semicolon; empty if there are none.
    fileprivate var text: String {
        isEmpty ? "" : "; units " + all.map(\.sentence).list
    }
}

extension ToolFlow {
    /// The statements in words, each after a semicolon; empty if there are none.
    fileprivate var text: String { words.map { "; " + $0 }.joined() }
}

extension ElevationSpec {
    fileprivate var rule: EffectiveRule {
        let grants = scopes.flatMap { scope in scope.grants.map { $0.subject(at: scope.server) } }
        let people = approvedBy.map(\.value.address).list
        return EffectiveRule(
            .elevation, id.value, id.value,
            "\(agent.value): \(grants.list) from \(from.rfc3339(fractionDigits: 0)) until "
                + "\(until.rfc3339(fractionDigits: 0)), approved by \(people)", place,
            agents: [AgentName(agent.value)].compactMap { $0 },
            sentence: "\(agent.value) is granted \(grants.list) from "
                + "\(from.rfc3339(fractionDigits: 0)) until \(until.rfc3339(fractionDigits: 0)), "
                + "approved by \(people)")
    }
}

extension WaiverSpec {
    fileprivate var rule: EffectiveRule {
        EffectiveRule(
            .waiver, "waivers.\(lint).\(at)", lint,
            "at \(at), by \(owner.value), until \(until.text)", place,
            agents: PolicyPath.agent(of: at).flatMap { AgentName($0) }.map { [$0] } ?? [],
            sentence: "Finding \(lint) at \(at) is waived by \(owner.value) until \(until.text)")
    }
}

extension Duration { fileprivate var seconds: Int64 { microseconds / 1_000_000 } }
