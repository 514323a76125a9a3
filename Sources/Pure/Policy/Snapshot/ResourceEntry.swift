package import InterlockJSON
package import InterlockModel

/// One entry of a server's `resources`.
package struct ResourceEntry: Sendable {
    /// The name in the form `resource:name`.
    package let name: ToolName
    package let uri: URITemplate

    /// The precedence of the entry: an exact URI precedes every template, then more literal bytes win, then
    /// fewer variables that run over slashes.
    var rank: Int {
        let open = uri.shape.count { $0 == .variable(isOpen: true) }
        return uri.isExact ? Int.max : uri.literalBytes * 16 + URITemplate.mostVariables - open
    }
}

/// The resource of the policy that a URI refers to.
package struct ResourceMatch: Sendable {
    package let address: ToolAddress
    /// The `args` that guards see: `uri` and the variables of the template.
    package let arguments: JSONObject
}

extension ServerEntry {
    /// The entry that a URI refers to: the exact URI before templates, then the template with the most
    /// literal bytes, then the one with fewer open variables. Returns nil if two entries are equal in that,
    /// because an ambiguous URI is not a resource of the policy.
    package func resource(of uri: ResourceURI) -> ResourceMatch? {
        var found: (entry: ResourceEntry, values: [(name: String, value: String)])?
        for entry in resources {
            if let found, found.entry.rank > entry.rank { break }
            guard let values = entry.uri.match(uri) else { continue }
            guard found == nil else { return nil }
            found = (entry, values)
        }
        guard let found else { return nil }
        var arguments = JSONObject()
        for (name, value) in found.values { arguments[name] = .string(value) }
        arguments[URITemplate.reservedName] = .string(uri.text)
        return ResourceMatch(
            address: ToolAddress(server: name, tool: found.entry.name), arguments: arguments)
    }

    /// The entry that contains a server's own template, for lists and completions.
    package func resource(ofTemplate text: String) -> ToolAddress? {
        guard let sample = URITemplate.sample(of: text), let uri = try? ResourceURI(sample) else {
            return nil
        }
        return resource(of: uri)?.address
    }
}

extension PolicySnapshot {
    package func resource(of uri: ResourceURI, at server: ServerName) -> ResourceMatch? {
        servers[server]?.resource(of: uri)
    }
}
