import InterlockJSON
import InterlockModel

extension StoreElevation {
    /// The grants in the form of an agent's scopes, which compile the same way. Anything that is not in the
    /// canonical form grants nothing. Locations name the elevation itself, because no file states it.
    var scopes: [ScopeSpec] {
        let place = PolicyLocation(file: "elevation " + id, line: 1, column: 1)
        return (grants.object?.members ?? []).map { server, list in
            let path = "elevations.\(id).grant.\(server)"
            let grants = (list.array ?? []).enumerated().compactMap { index, entry in
                GrantSpec(canonical: entry, place: place, path: "\(path)[\(index)]")
            }
            return ScopeSpec(server: server, place: place, path: path, grants: grants)
        }
    }
}

extension GrantSpec {
    /// Returns nil unless the entry is `{class or tool, when?, sandboxed?}` and nothing else: a condition
    /// that is not understood must not become a grant without it.
    fileprivate convenience init?(canonical entry: JSONValue, place: PolicyLocation, path: String) {
        guard let object = entry.object else { return nil }
        let known = ["class", "tool", "when", "sandboxed"]
        guard object.members.allSatisfy({ known.contains($0.key) }) else { return nil }
        let selector: Selector
        switch (object["class"]?.string.flatMap(ToolClass.init), object["tool"]?.string) {
        case (let toolClass?, nil) where object["tool"] == nil: selector = .toolClass(toolClass)
        case (nil, let tool?) where object["class"] == nil: selector = .tool(tool)
        default: return nil
        }
        let when: GuardText?
        if let text = object["when"] {
            guard let source = text.string else { return nil }
            when = GuardText(source: source, style: .literal, place: place)
        } else {
            when = nil
        }
        let sandboxedOnly: Bool
        if let flag = object["sandboxed"] {
            guard let flag = flag.bool else { return nil }
            sandboxedOnly = flag
        } else {
            sandboxedOnly = false
        }
        self.init(
            selector: selector, when: when, sandboxedOnly: sandboxedOnly, place: place, path: path)
    }
}
