package import InterlockJSON
package import InterlockModel

/// One entry of a server's `resources`.
package struct ResourceEntry: Sendable {
    /// `resource:name`.
    package let name: ToolName
    package let uri: URITemplate

    /// A whole URI is before every template; of equally many bytes, fewer variables that run over slashes.
    var rank: Int {
        let open = uri.shape.count { $0 == .variable(isOpen: true) }
        return uri.isExact ? Int.max : uri.literalBytes * 16 + URITemplate.mostVariables - open
    }
}

/// A resource of the policy that a URI is of.
package struct ResourceMatch: Sendable {
    package let address: ToolAddress
    /// What guards see as `args`: `uri` and the variables of the template.
    package let arguments: JSONObject
}

extension ServerEntry {
    /// The entry that is meant by a URI: the whole URI before templates, then the template with most bytes
    /// of its own, then the one with fewer open variables. Where two are equal in that nobody has said
    /// which, and the URI is none of the policy's.
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

    /// The entry that a server's own template lies within, for lists and completions.
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
