package import InterlockModel
import InterlockPolicy

/// A policy with one change, which the policy's tests should detect.
package struct PolicyMutant: Sendable {
    /// A description such as `forbid hard-refund-cap dropped`.
    package let change: String
    package let place: PolicyLocation
    let target: String
    let edit: TypedValue.Edit
}

extension PolicyDocument {
    /// The mutants of docs/specs/policy.md, section 8.4, in the order of the files: each forbid, effect
    /// rule, grant guard, limit, obligation and `approval_required` entry is dropped, comparisons are
    /// replaced, constants moved by one, stages raised and controls weakened.
    package var mutants: [PolicyMutant] {
        var maker = MutantMaker()
        for rule in root["forbid"]?.items ?? [] {
            maker.drop(rule, "forbid \(rule["id"]?.text ?? "")")
            maker.change(rule["when"])
        }
        for rule in root["effects"]?.items ?? [] {
            maker.drop(rule, "effect rule \(rule["id"]?.text ?? "")")
            maker.change(rule["when"])
        }
        for member in root["controls"]?.members ?? [] { maker.weaken(member) }
        for server in root["servers"]?.members ?? [] {
            maker.drop(data: server.value["data"])
            for tool in server.value["tools"]?.members ?? [] {
                maker.drop(data: tool.value["data"])
            }
        }
        for agent in root["agents"]?.members ?? [] { maker.changeAgent(agent.value) }
        for elevation in root["elevations"]?.items ?? [] {
            maker.changeGrants(elevation["grant"])
        }
        return maker.mutants.sorted {
            ($0.place.file, $0.place.line, $0.place.column)
                < ($1.place.file, $1.place.line, $1.place.column)
        }
    }
}

private struct MutantMaker {
    private(set) var mutants: [PolicyMutant] = []

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
        if let stage = agent["stage"]?["is"], let text = stage.text,
            let raised = TrustStage(rawValue: text)?.next
        {
            add(
                stage, "\(stage.path): \(raised.rawValue) in place of \(text)",
                .replace(.text(raised.rawValue)))
        }
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
            PolicyMutant(change: change, place: value.place, target: value.path, edit: edit))
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

extension TrustStage {
    fileprivate var next: TrustStage? {
        switch self {
        case .observe: .supervised
        case .supervised: .trusted
        case .trusted: nil
        }
    }
}
