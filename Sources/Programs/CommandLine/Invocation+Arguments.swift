package import InterlockJSON
package import InterlockModel

/// The values of a command line, parsed.
extension Invocation {
    /// Parses the first argument.
    ///
    /// - Parameter kind: the sentence's end, such as `no id of an alert`.
    /// - Throws: the exit code if `parse` returns nil.
    package func argument<Value>(
        _ kind: String, help: String? = nil, _ exit: Exit = .notFound,
        _ parse: (String) -> Value?
    ) throws(Failure) -> Value { try Self.parsed(positional[0], kind, help: help, exit, parse) }

    package func agentArgument() throws(Failure) -> AgentName {
        try argument("no name of an agent") { AgentName($0) }
    }
    package static func agentName(_ text: String) throws(Failure) -> AgentName {
        try parsed(text, "no name of an agent") { AgentName($0) }
    }
    package func serverArgument() throws(Failure) -> ServerName {
        try argument("no name of a server") { ServerName($0) }
    }

    package static func person(_ text: String) throws(Failure) -> Person {
        try parsed(text, "no e-mail address", .usage) { Person($0) }
    }

    /// Returns the person who signs first, then those of the option, which commas separate, each once.
    package func people(_ first: Person, with option: String) throws(Failure) -> [Person] {
        var people = [first]
        for text in (self[option] ?? "").split(separator: ",") {
            let other = try Self.person(String(text))
            if !people.contains(other) { people.append(other) }
        }
        return people
    }

    package static func parsed<Value>(
        _ text: String, _ kind: String, help: String? = nil, _ exit: Exit = .notFound,
        _ parse: (String) -> Value?
    ) throws(Failure) -> Value {
        guard let value = parse(text) else {
            throw Failure(exit, "`\(TerminalEscaping.shown(text))` is \(kind)", help: help)
        }
        return value
    }

    /// Returns the member of a closed list that a word names.
    ///
    /// - Parameter kind: the noun of the message, such as `host`; its plural is made by `s`.
    /// - Throws: exit 64 with the list as help.
    package static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, _ kind: String
    ) throws(Failure) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw Failure(
                .usage, "unknown \(kind) `\(TerminalEscaping.shown(text))`",
                help: "\(kind)s: "
                    + Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    /// Returns the option's value as a number, or nil if it was not given.
    package func number(_ option: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let text = self[option] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Failure(
                .usage, "--\(option) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The option's value as the member of a request.
    package func json(_ option: String) -> JSONValue? { self[option].map(JSONValue.string) }
}
