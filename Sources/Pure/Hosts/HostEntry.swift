package import InterlockJSON

/// One server in a host's configuration file.
package struct HostEntry: Sendable {
    package let name: String
    /// The line of the name, from 1.
    package let line: Int
    /// The project that the entry belongs to, in `~/.claude.json`.
    package let project: String?
    package let definition: Definition
    /// The relay that the entry starts, whatever its program and gateway; is nil for anything else.
    package let relay: RelayCommand?
    /// The entry's value in the file.
    package let node: JSONNode

    package enum Definition: Sendable, Hashable {
        case program(Program)
        case remote(Remote)
        /// An entry that cannot be imported: the reason, and the remedy.
        case refused(String)
    }

    package struct Program: Sendable, Hashable {
        package var command: String
        package var arguments: [String]
        /// Sorted by name.
        package var environment: [Setting]
        package var folder: String?

        package init(
            command: String, arguments: [String], environment: [Setting], folder: String? = nil
        ) {
            self.command = command
            self.arguments = arguments
            self.environment = environment
            self.folder = folder
        }
    }

    package struct Remote: Sendable, Hashable {
        package var url: String
        /// Sorted by name.
        package var headers: [Setting]
    }

    /// An environment variable or a header. The value may be a secret: it must be written only to its own secret file.
    package struct Setting: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }
}

extension HostEntry {
    /// The members that describe the connection to a server; all others are the host's own.
    static let connection: Set<String> = [
        "command", "args", "env", "envFile", "cwd", "url", "headers", "type", "transport",
    ]

    /// - Parameter node: any JSON: an invalid entry becomes `refused`, never an error of the whole file.
    init(name: String, node: JSONNode, line: Int, project: String?) {
        self.name = name
        self.line = line
        self.project = project
        self.node = node
        let definition: Definition
        do throws(EntryError) { definition = try Self.read(node.value) } catch {
            definition = .refused(error.reason)
        }
        self.definition = definition
        relay = Self.relay(definition)
    }

    private struct EntryError: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    private static func read(_ value: JSONValue) throws(EntryError) -> Definition {
        guard let object = value.object else { throw EntryError("it is no object") }
        let type = try text(object, object["type"] == nil ? "transport" : "type")
        let command = try text(object, "command")
        let url = try text(object, "url")
        switch (command, url) {
        case (let command?, nil):
            guard type == nil || type == "stdio" else {
                throw EntryError("`type` is `\(type ?? "")`, and a command is reached over stdio")
            }
            guard !command.isEmpty else { throw EntryError("`command` is empty") }
            guard object["envFile"] == nil else {
                throw EntryError("`envFile` is not read: name the variables in `env`")
            }
            return .program(
                Program(
                    command: command, arguments: try texts(object, "args"),
                    environment: try settings(object, "env"), folder: try text(object, "cwd")))
        case (nil, let url?):
            guard type != "sse" else {
                throw EntryError(
                    "HTTP+SSE is not spoken: ask its operator for a Streamable HTTP address")
            }
            guard type == nil || ["http", "streamable-http", "streamableHttp"].contains(type)
            else { throw EntryError("`type` `\(type ?? "")` is not known") }
            return .remote(Remote(url: url, headers: try settings(object, "headers")))
        case (nil, nil): throw EntryError("it has neither `command` nor `url`")
        case (_?, _?): throw EntryError("it has `command` and `url`: which one counts is not known")
        }
    }

    private static func text(_ object: JSONObject, _ key: String) throws(EntryError) -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.string, !text.utf8.contains(0) else {
            throw EntryError("`\(key)` is no text")
        }
        return text
    }

    private static func texts(_ object: JSONObject, _ key: String) throws(EntryError) -> [String] {
        guard let value = object[key] else { return [] }
        var texts: [String] = []
        for element in value.array ?? [.null] {
            guard let text = element.string, !text.utf8.contains(0) else {
                throw EntryError("`\(key)` is no list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    private static func settings(
        _ object: JSONObject, _ key: String
    ) throws(EntryError) -> [Setting] {
        guard let value = object[key] else { return [] }
        guard let members = value.object?.members else { throw EntryError("`\(key)` is no object") }
        var settings: [Setting] = []
        for (name, value) in members {
            // VS Code accepts numbers, and null, which removes a variable; nothing is inherited here.
            switch value {
            case .string(let text): settings.append(Setting(name: name, value: text))
            case .integer(let number): settings.append(Setting(name: name, value: "\(number)"))
            case .null: continue
            case .bool, .number, .array, .object: throw EntryError("`\(key).\(name)` is no text")
            }
        }
        return settings.sorted { $0.name < $1.name }
    }

    private static func relay(_ definition: Definition) -> RelayCommand? {
        guard case .program(let program) = definition else { return nil }
        return RelayCommand(program: program.command, arguments: program.arguments)
    }
}
