package import InterlockJSON
package import InterlockModel

/// A prompt as its server describes it. The text must be reviewed and pinned; it is not trusted.
package struct PromptDefinition: Sendable, Equatable {
    /// The prompt's own name, in the characters that the policy permits.
    package let name: String
    package let title: String?
    package let description: String?
    package let arguments: [Argument]
    /// All members as they were received.
    package let raw: JSONObject
    private let writtenArguments: JSONValue?

    package struct Argument: Sendable, Equatable {
        package let name: String
        package let isRequired: Bool
        fileprivate let title: String?
        fileprivate let description: String?
    }

    package static let maximumArguments = 256

    /// - Throws: the reason why the prompt is not offered.
    package init(_ value: JSONValue) throws(ToolDefinitionError) {
        guard let raw = value.object else { throw .member("definition", "an object") }
        guard case .string(let name)? = raw["name"], ToolName(.prompt, name) != nil else {
            throw .member("name", "1 to 128 characters of letters, digits, `_`, `.` and `-`")
        }
        self.raw = raw
        self.name = name
        title = try Self.text(raw, "title")
        description = try Self.text(raw, "description")
        var arguments: [Argument] = []
        switch raw["arguments"] {
        case nil, .null?: writtenArguments = nil
        case .array(let all)? where all.count <= Self.maximumArguments:
            writtenArguments = .array(all)
            for one in all { arguments.append(try Self.argument(one)) }
        default: throw .member("arguments", "an array of at most \(Self.maximumArguments)")
        }
        guard Set(arguments.map(\.name)).count == arguments.count else {
            throw .member("arguments", "an array of arguments with distinct names")
        }
        self.arguments = arguments
    }

    private static func argument(_ value: JSONValue) throws(ToolDefinitionError) -> Argument {
        guard let object = value.object, case .string(let name)? = object["name"],
            (1...CallRequest.maximumNameBytes).contains(name.utf8.count)
        else { throw .member("arguments", "an array of objects with a name") }
        switch object["required"] {
        case nil, .null?, .bool?: break
        default: throw .member("arguments", "an array whose `required` is true or false")
        }
        return Argument(
            name: name, isRequired: object["required"] == true, title: try text(object, "title"),
            description: try text(object, "description"))
    }

    private static func text(
        _ object: JSONObject, _ key: String
    ) throws(ToolDefinitionError) -> String? {
        switch object[key] {
        case nil, .null?: return nil
        case .string(let text)? where text.utf8.count <= ToolDefinition.maximumTextBytes:
            return text
        default:
            throw .member(key, "a string of at most \(ToolDefinition.maximumTextBytes) bytes")
        }
    }
}

extension PromptDefinition {
    /// The members that the pin covers; absent ones are omitted (docs/specs/mcp.md, section 11).
    package var pinned: JSONObject {
        var object: JSONObject = ["name": .string(name)]
        object["title"] = title.map(JSONValue.string)
        object["description"] = description.map(JSONValue.string)
        object["arguments"] = writtenArguments
        return object
    }

    /// Returns the SHA-256 of the RFC 8785 form of `pinned`.
    ///
    /// - Throws: `notCanonical` if the definition contains an integer beyond 2^53-1.
    package func pinDigest(hashing: some Hashing) throws(ToolDefinitionError) -> Digest {
        do { return hashing.sha256(try pinned.canonical()) } catch { throw .notCanonical(error) }
    }

    /// Returns the definition for a client of this version.
    ///
    /// - Parameter name: the name at the endpoint, `server__prompt` at `/mcp`.
    package func shown(as name: String, in version: ProtocolVersion) -> JSONObject {
        let hasTitles = version.hasTitlesAndStructuredContent
        var object: JSONObject = ["name": .string(name)]
        if hasTitles { object["title"] = title.map(JSONValue.string) }
        object["description"] = description.map(JSONValue.string)
        guard writtenArguments != nil else { return object }
        object["arguments"] = .array(
            arguments.map { argument in
                var shown: JSONObject = ["name": .string(argument.name)]
                if hasTitles { shown["title"] = argument.title.map(JSONValue.string) }
                shown["description"] = argument.description.map(JSONValue.string)
                if argument.isRequired { shown["required"] = true }
                return .object(shown)
            })
        return object
    }

    /// Returns the first error in the arguments of a call, or nil if they are valid.
    package func violation(of given: JSONObject) -> String? {
        for argument in arguments where argument.isRequired && given[argument.name] == nil {
            return "the argument `\(argument.name)` is missing"
        }
        let known = Set(arguments.map(\.name))
        return given.members.first { !known.contains($0.key) }.map {
            "there is no argument `\(shortened($0.key))`"
        }
    }
}
