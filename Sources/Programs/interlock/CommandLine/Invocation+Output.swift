import InterlockJSON

/// The forms in which commands print: one JSON object per line with `--json`, else text for people.
extension Invocation {
    var isJSON: Bool { has("json") }

    @discardableResult
    func print(_ value: @autoclosure () -> JSONValue, _ line: @autoclosure () -> String) -> Exit {
        isJSON ? Output.json(value()) : Output.line(line())
        return .ok
    }

    /// - Parameter nothing: the line for people if there is no row.
    @discardableResult
    func print(rows: [JSONValue], nothing: String? = nil, _ line: (JSONValue) -> String) -> Exit {
        for row in rows { print(row, line(row)) }
        if rows.isEmpty, !isJSON, let nothing { Output.line(nothing) }
        return .ok
    }

    /// Prints what a person reads before signing; with `--json`, it goes to standard error.
    func explain(_ text: String) { isJSON ? Output.error(text) : Output.line(text) }
}

extension Command {
    /// Asks the gateway for a list and prints each of its rows.
    ///
    /// - Parameter list: the member of the answer that has the rows.
    static func listing(
        _ target: String, _ list: String, _ line: @escaping @Sendable (JSONValue) -> String
    ) -> Run { { try $0.print(rows: $0.gateway().get(target).rows(list), line) } }

    /// Prints a text that the program itself has.
    static func printing(_ text: @escaping @Sendable () -> String) -> Run {
        { _ in
            Output.text(text())
            return .ok
        }
    }
}

/// The members of answers, as lines for people print them.
extension JSONValue {
    /// The text of the member with its control characters neutralised, or `-`.
    func text(_ key: String) -> String { TerminalEscaping.shown(self[key]?.string ?? "-") }
    /// The number of the member, or 0.
    func number(_ key: String) -> Int64 { self[key]?.integer ?? 0 }
    func rows(_ key: String) -> [JSONValue] { self[key]?.array ?? [] }
    func strings(_ key: String) -> [String] { rows(key).compactMap(\.string) }
    func flag(_ key: String) -> Bool { self[key]?.bool == true }

    /// The JSON text.
    var json: String { String(decoding: serialized(), as: UTF8.self) }
    /// The text of a string without quotes, or the JSON text of any other value.
    var plain: String { string ?? json }

    static func count(_ number: some BinaryInteger) -> JSONValue {
        .integer(Int64(clamping: number))
    }
    static func strings(_ texts: some Sequence<String>) -> JSONValue {
        .array(texts.map(JSONValue.string))
    }
}
