package import InterlockModel
import InterlockPolicy

/// A policy with one change, which the policy's tests should detect.
package struct PolicyMutant: Sendable {
    /// A description such as `forbid hard-refund-cap dropped`.
    package let change: String
    package let place: PolicyLocation
    /// True if the change is of a rule of `forbid`.
    package let isOfForbid: Bool
    let target: String
    let edit: TypedValue.Edit
}

extension PolicyDocument {
    /// The mutants of docs/specs/policy.md, section 8.4, in the order of the files: each forbid, effect
    /// rule, grant guard, limit, obligation and `approval_required` entry is dropped, comparisons are
    /// replaced, constants moved by one, stages raised and controls weakened.
    package var mutants: [PolicyMutant] {
        var maker = MutantMaker()
        maker.changeRules(root)
        for server in root["servers"]?.members ?? [] {
            maker.drop(data: server.value["data"])
            for tool in server.value["tools"]?.members ?? [] {
                maker.drop(data: tool.value["data"])
            }
        }
        for agent in root["agents"]?.members ?? [] {
            maker.changeAgent(agent.value)
            maker.raiseStage(of: agent.value)
        }
        for elevation in root["elevations"]?.items ?? [] {
            maker.changeGrants(elevation["grant"])
        }
        return maker.sorted
    }

    /// The mutants that can concern one agent: those of the organisation's rules, of the agent's own rules, and of some
    /// servers, whose tools also get a less dangerous class. Neither the stage nor elevations are part of what an agent is
    /// evaluated for.
    func mutants(of agent: AgentName, on servers: Set<ServerName>) -> [PolicyMutant] {
        var maker = MutantMaker()
        maker.changeRules(root)
        for server in root["servers"]?.members ?? [] {
            guard let name = ServerName(server.key), servers.contains(name) else { continue }
            maker.drop(data: server.value["data"])
            for kind in ["tools", "resources", "prompts"] {
                for tool in server.value[kind]?.members ?? [] {
                    maker.drop(data: tool.value["data"])
                    maker.loosen(tool.value["class"])
                }
            }
        }
        for member in root["agents"]?.members ?? [] where member.key == agent.text {
            maker.changeAgent(member.value)
        }
        return maker.sorted
    }
}

private struct MutantMaker {
    private(set) var mutants: [PolicyMutant] = []
    /// True while rules of `forbid` are changed.
    private var isInForbid = false

    /// The mutants by file, line and column.
    var sorted: [PolicyMutant] {
        mutants.sorted {
            ($0.place.file, $0.place.line, $0.place.column)
                < ($1.place.file, $1.place.line, $1.place.column)
        }
    }

    /// Changes the rules of the organisation: `forbid`, `effects` and `controls`.
    mutating func changeRules(_ root: TypedValue) {
        isInForbid = true
        for rule in root["forbid"]?.items ?? [] {
            drop(rule, "forbid \(rule["id"]?.text ?? "")")
            change(rule["when"])
        }
        isInForbid = false
        for rule in root["effects"]?.items ?? [] {
            drop(rule, "effect rule \(rule["id"]?.text ?? "")")
            change(rule["when"])
        }
        for member in root["controls"]?.members ?? [] { weaken(member) }
    }

    /// Replaces the class of a tool by the next less dangerous one.
    mutating func loosen(_ toolClass: TypedValue?) {
        guard let toolClass, let text = toolClass.text,
            let looser = ToolClass(rawValue: text)?.looser
        else { return }
        add(
            toolClass, "\(toolClass.path): \(looser.rawValue) in place of \(text)",
            .replace(.text(looser.rawValue)))
    }

    mutating func drop(_ value: TypedValue, _ what: String) {
        add(value, what + " dropped", .remove)
    }

    mutating func drop(data: TypedValue?) {
        for member in data?.members ?? [] { drop(member.value, member.value.path) }
    }

    mutating func weaken(_ control: TypedValue.Member) {
        for column in control.value.members {
            guard let verdict = column.value.verdict, let easier = verdict.easier else { continue }
            add(
                column.value, "\(column.value.path): \(easier) in place of \(verdict)",
                .replace(.verdict(easier)))
        }
    }

    mutating func changeAgent(_ agent: TypedValue) {
        changeGrants(agent["mcp_scopes"])
        for entry in agent["approval_required"]?.items ?? [] {
            drop(entry, "\(entry.path) (\(entry.text ?? ""))")
        }
        for limit in agent["limits"]?.members ?? [] {
            let parts = limit.value.items.isEmpty ? [limit.value] : limit.value.items
            for part in parts { drop(part, part.path) }
        }
        for tool in agent["data"]?.members ?? [] { drop(data: tool.value) }
    }

    mutating func raiseStage(of agent: TypedValue) {
        guard let stage = agent["stage"]?["is"], let text = stage.text,
            let raised = TrustStage(rawValue: text)?.next
        else { return }
        add(
            stage, "\(stage.path): \(raised.rawValue) in place of \(text)",
            .replace(.text(raised.rawValue)))
    }

    mutating func changeGrants(_ scopes: TypedValue?) {
        for scope in scopes?.members ?? [] {
            for grant in scope.value.items {
                guard let condition = grant["when"] else { continue }
                drop(condition, "guard of \(grant.path)")
                change(condition)
            }
        }
    }

    /// Adds a mutant for each replaced comparison and each number moved by one.
    mutating func change(_ condition: TypedValue?) {
        guard let condition, let text = condition.guardText else { return }
        for mutant in GuardMutation.all(of: text.source) {
            let changed = GuardText(source: mutant, style: text.style, place: text.place)
            add(condition, "\(condition.path): `\(mutant)`", .replace(.guardText(changed)))
        }
    }

    private mutating func add(_ value: TypedValue, _ change: String, _ edit: TypedValue.Edit) {
        mutants.append(
            PolicyMutant(
                change: change, place: value.place, isOfForbid: isInForbid, target: value.path,
                edit: edit))
    }
}

extension Verdict {
    /// The next more permissive verdict, or nil for allow.
    fileprivate var easier: Verdict? {
        switch self {
        case .allow: nil
        case .approve(1): .allow
        case .approve(let people): .approve(people - 1)
        case .deny: .approve(2)
        }
    }
}

extension ToolClass {
    /// The next less dangerous class, or nil for `read`.
    fileprivate var looser: ToolClass? {
        switch self {
        case .read: nil
        case .write: .read
        case .destructive: .write
        case .admin: .destructive
        }
    }
}

extension TrustStage {
    fileprivate var next: TrustStage? {
        switch self {
        case .observe: .supervised
        case .supervised: .trusted
        case .trusted: nil
        }
    }
}
