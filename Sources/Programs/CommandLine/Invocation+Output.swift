package import InterlockJSON

/// The forms in which commands print: one JSON object per line with `--json`, else text for people.
extension Invocation {
    package var isJSON: Bool { has("json") }

    @discardableResult
    package func print(_ value: @autoclosure () -> JSONValue, _ line: @autoclosure () -> String)
        -> Exit
    {
        isJSON ? Output.json(value()) : Output.line(line())
        return .ok
    }

    /// - Parameter nothing: the line for people if there is no row.
    @discardableResult
    package func print(rows: [JSONValue], nothing: String? = nil, _ line: (JSONValue) -> String)
        -> Exit
    {
        for row in rows { print(row, line(row)) }
        if rows.isEmpty, !isJSON, let nothing { Output.line(nothing) }
        return .ok
    }

    /// Prints what a person reads before signing; with `--json`, it goes to standard error.
    package func explain(_ text: String) { isJSON ? Output.error(text) : Output.line(text) }
}

extension Command {
    /// Prints a text that the program itself has.
    package static func printing(_ text: @escaping @Sendable () -> String) -> Run {
        { _ in
            Output.text(text())
            return .ok
        }
    }
}

/// The members of answers, as lines for people print them.
extension JSONValue {
    /// The text of the member with its control characters neutralised, or `-`.
    package func text(_ key: String) -> String { TerminalEscaping.shown(self[key]?.string ?? "-") }
    /// The number of the member, or 0.
    package func number(_ key: String) -> Int64 { self[key]?.integer ?? 0 }
    package func rows(_ key: String) -> [JSONValue] { self[key]?.array ?? [] }
    package func strings(_ key: String) -> [String] { rows(key).compactMap(\.string) }
    package func flag(_ key: String) -> Bool { self[key]?.bool == true }

    /// The JSON text.
    package var json: String { String(decoding: serialized(), as: UTF8.self) }
    /// The text of a string without quotes, or the JSON text of any other value.
    package var plain: String { string ?? json }

    package static func count(_ number: some BinaryInteger) -> JSONValue {
        .integer(Int64(clamping: number))
    }
    package static func strings(_ texts: some Sequence<String>) -> JSONValue {
        .array(texts.map(JSONValue.string))
    }
}
