package import InterlockModel

/// The grants of an agent on one server.
package struct ScopeSpec: PolicyPart {
    package let server: String
    let place: PolicyLocation
    let path: String
    package let grants: [GrantSpec]
}

/// One grant. It is a class, because many cells share each grant.
package final class GrantSpec: PolicyPart {
    package enum Selector: Sendable, Hashable {
        case toolClass(ToolClass)
        case tool(String)

        /// The class or the tool as written.
        var word: String {
            switch self {
            case .toolClass(let toolClass): toolClass.rawValue
            case .tool(let name): name
            }
        }
    }

    package let selector: Selector
    package let when: GuardText?
    package let sandboxedOnly: Bool
    /// The resources that it is narrowed to; nil once they are a part of `when`.
    let only: ResourceSelection?
    package let place: PolicyLocation
    package let path: String

    init(
        selector: Selector, when: GuardText?, sandboxedOnly: Bool, only: ResourceSelection? = nil,
        place: PolicyLocation, path: String
    ) {
        self.selector = selector
        self.when = when
        self.sandboxedOnly = sandboxedOnly
        self.only = only
        self.place = place
        self.path = path
    }

    func names(_ tool: String, of toolClass: ToolClass) -> Bool {
        switch selector {
        case .toolClass(let granted): granted == toolClass
        case .tool(let name): name == tool
        }
    }
}

package struct ElevationSpec: PolicyPart {
    package let id: Located<String>
    package let agent: Located<String>
    package let scopes: [ScopeSpec]
    package let from: Timestamp
    package let until: Timestamp
    package let approvedBy: [Located<Person>]
    let reason: String?
    package let place: PolicyLocation
    package let path: String
}

func readScopes(_ value: TypedValue?) -> [ScopeSpec] {
    var scopes: [ScopeSpec] = []
    for member in value?.members ?? [] {
        var grants: [GrantSpec] = []
        for item in member.value.items {
            let selector: GrantSpec.Selector
            switch (item["class"]?.text.flatMap(ToolClass.init), item["tool"]?.text) {
            case (let toolClass?, nil): selector = .toolClass(toolClass)
            case (nil, let tool?): selector = .tool(tool)
            default: continue  // has its own finding
            }
            grants.append(
                GrantSpec(
                    selector: selector, when: item["when"]?.guardText,
                    sandboxedOnly: item["sandboxed"]?.flag ?? false,
                    only: ResourceSelection(item["only"]), place: item.place, path: item.path))
        }
        scopes.append(
            ScopeSpec(
                server: member.key, place: member.keyPlace, path: member.value.path,
                grants: grants))
    }
    return scopes
}

extension ElevationSpec {
    init?(_ value: TypedValue, _ findings: inout Findings) {
        guard let id = value["id"]?.located(\.text), let agent = value["agent"]?.located(\.text),
            let from = value["from"]?.instant, let until = value["until"]?.instant
        else { return nil }
        self.id = id
        self.agent = agent
        self.from = from
        self.until = until
        scopes = readScopes(value["grant"])
        approvedBy = value["approved_by"]?.people ?? []
        reason = value["reason"]?.text
        place = value.place
        path = value.path
        if from >= until {
            findings.add(
                .reversedWindow, at: value["until"]?.place ?? value.place, path: value.path,
                "\(id.value): ends before it begins")
        }
    }
}
