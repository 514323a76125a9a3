import InterlockJSON
import InterlockModel

/// Members of an object of `server.json`, which are read with their paths for messages.
struct ManifestFields {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, at path: String) {
        self.value = value
        self.path = path
    }

    func text(_ key: String) throws(FormError) -> String {
        try made(key, "a text") { $0.isEmpty || $0.utf8.count > 512 ? nil : $0 }
    }

    func made<Value>(
        _ key: String, _ expected: String, _ make: (String) -> Value?
    ) throws(FormError) -> Value {
        guard let text = value[key]?.string, let made = make(text) else {
            throw .badMember(place(key), expected)
        }
        return made
    }

    func optional<Value>(
        _ key: String, _ expected: String, _ make: (String) -> Value?
    ) throws(FormError) -> Value? {
        guard value[key] != nil else { return nil }
        return try made(key, expected, make)
    }

    func member(_ key: String) throws(FormError) -> ManifestFields {
        guard let member = value[key], member.object != nil else {
            throw .badMember(place(key), "an object")
        }
        return ManifestFields(member, at: place(key))
    }

    /// Reads a list of objects, which is empty if the member is absent.
    func list(_ key: String, most: Int) throws(FormError) -> [ManifestFields] {
        guard let member = value[key] else { return [] }
        guard let elements = member.array, elements.count <= most,
            elements.allSatisfy({ $0.object != nil })
        else { throw .badMember(place(key), "a list of at most \(most) objects") }
        return elements.enumerated().map { ManifestFields($1, at: "\(place(key))[\($0)]") }
    }

    /// Reads one version. A range, or a word that changes its meaning, is rejected.
    func version(_ key: String) throws(FormError) -> String {
        try made(key, "one exact version, no range and not `latest`") { text in
            guard let exact = LockedServer.exactVersion(text), text.lowercased() != "latest"
            else { return nil }
            let parts = exact.split(separator: ".", omittingEmptySubsequences: false)
            return parts.contains { $0.isEmpty || $0 == "x" || $0 == "X" } ? nil : exact
        }
    }

    /// The words of a list of arguments. An argument that a person must fill in first is rejected; an
    /// optional one without a value is omitted.
    func arguments(_ key: String) throws(FormError) -> [String] {
        var words: [String] = []
        for argument in try list(key, most: LockedProgram.mostArguments) {
            let type = try argument.text("type")
            let word = argument.value["value"]?.string ?? argument.value["default"]?.string
            if word == nil, argument.value["isRequired"] != true, type == "positional" { continue }
            guard word != nil || type == "named" else {
                throw .badMember(argument.place("value"), "filled in: the program needs it")
            }
            if type == "named" {
                let name = try argument.text("name")
                if word == nil, argument.value["isRequired"] != true,
                    argument.value["format"] != nil || argument.value["valueHint"] != nil
                {
                    continue
                }
                words.append(name)
            } else if type != "positional" {
                throw .badMember(argument.place("type"), "`positional` or `named`")
            }
            if let word { words.append(word) }
        }
        for word in words
        where word.contains("{") || word.utf8.count > LockedProgram.longestArgument {
            throw .badMember(place(key), "words without variables (`{...}`)")
        }
        return words
    }

    func place(_ key: String) -> String { path.isEmpty ? key : path + "." + key }
}
