package import InterlockJSON

extension AuthorizedKeys {
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.value(bytes, limit: TrustLimits.bytes),
            required: ["v", "type", "org", "people", "nodes"], optional: ["passkeys"])
        try fields.expectVersion1()
        try fields.expect("type", "trust")
        var people: [TrustedPerson] = []
        for (place, value) in try fields.array("people", count: 1...TrustLimits.people)
            .enumerated()
        {
            people.append(try TrustedPerson(json: value, at: "people[\(place)]"))
        }
        var nodes: [TrustedNode] = []
        for (place, value) in try fields.array("nodes", count: 0...TrustLimits.nodes).enumerated() {
            let node = try StrictFields(value, at: "nodes[\(place)]", required: ["node", "key"])
            nodes.append(
                TrustedNode(
                    name: try node.string("node"),
                    key: try node.made("key", "base64 of 32 bytes", PublicKey.init(base64:))))
        }
        var passkeys: [EnrolledPasskey] = []
        if fields.has("passkeys") {
            for (place, value) in try fields.array("passkeys", count: 0...TrustLimits.passkeys)
                .enumerated()
            {
                passkeys.append(try EnrolledPasskey(json: value, at: "passkeys[\(place)]"))
            }
        }
        try self.init(
            org: try fields.string("org"), people: people, nodes: nodes, passkeys: passkeys)
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "trust", "org": .string(org),
            "people": .array(people.map(\.json)),
            "nodes": .array(
                nodes.map { ["node": .string($0.name), "key": .string($0.key.base64)] }),
        ]
        if !passkeys.isEmpty { object["passkeys"] = .array(passkeys.map(\.json)) }
        return .object(object)
    }
}

extension TrustedPerson {
    fileprivate init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            json, at: path, required: ["person", "pseudonym", "roles", "keys"])
        var keys: [EnrolledKey] = []
        for value in try fields.array("keys", count: 0...TrustLimits.keysOfOne) {
            keys.append(try EnrolledKey(json: value, at: path + ".keys"))
        }
        self.init(
            person: try fields.made("person", "an e-mail address", Person.init),
            pseudonym: try fields.pseudonym("pseudonym"),
            roles: Set(
                try fields.list("roles", count: 0...Role.allCases.count, "a known role") {
                    Role(rawValue: $0)
                }),
            keys: keys)
    }

    fileprivate var json: JSONValue {
        [
            "person": .string(person.address), "pseudonym": .string(pseudonym.text),
            "roles": .array(Role.allCases.filter(roles.contains).map { .string($0.rawValue) }),
            "keys": .array(keys.map(\.json)),
        ]
    }
}

extension EnrolledKey {
    fileprivate init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            json, at: path, required: ["key", "added", "founding"],
            optional: ["expires", "revoked"])
        self.init(
            key: try fields.made("key", "base64 of 32 bytes", PublicKey.init(base64:)),
            added: try fields.time("added", fractionDigits: 0),
            founding: try fields.bool("founding"),
            expires: fields.has("expires") ? try fields.time("expires", fractionDigits: 0) : nil,
            revoked: fields.has("revoked") ? try fields.time("revoked", fractionDigits: 0) : nil)
    }

    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "key": .string(key.base64), "added": .string(added.rfc3339(fractionDigits: 0)),
            "founding": .bool(founding),
        ]
        if let expires { object["expires"] = .string(expires.rfc3339(fractionDigits: 0)) }
        if let revoked { object["revoked"] = .string(revoked.rfc3339(fractionDigits: 0)) }
        return .object(object)
    }
}
