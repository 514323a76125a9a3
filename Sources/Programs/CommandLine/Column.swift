package import InterlockJSON

/// A column of a list that a command prints.
package struct Column: Sendable {
    let title: String
    let value: @Sendable (JSONValue) -> String

    /// - Parameters:
    ///   - title: the name of the column in upper case; only a terminal receives it.
    ///   - value: the text in a row.
    package init(_ title: String, _ value: @escaping @Sendable (JSONValue) -> String) {
        (self.title, self.value) = (title, value)
    }

    /// A column with the text of one member.
    package init(_ title: String, _ member: String) { self.init(title) { $0.text(member) } }

    /// The text in a row.
    package func text(of row: JSONValue) -> String { value(row) }

    /// The lines of a list, each column as wide as its widest text.
    static func lines(_ rows: [JSONValue], _ columns: [Column], isTitled: Bool) -> [String] {
        let cells = rows.map { row in columns.map { $0.value(row) } }
        let all = (isTitled ? [columns.map(\.title)] : []) + cells
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

extension Invocation {
    /// Prints a list: with `--json` an object for each row, else a line for each with its columns below their titles.
    ///
    /// - Parameter nothing: the line for people if there is no row.
    @discardableResult
    package func print(
        table rows: [JSONValue], _ columns: [Column], nothing: String? = nil
    ) -> Exit {
        guard !isJSON else {
            for row in rows { Output.json(row) }
            return .ok
        }
        guard !rows.isEmpty else {
            if let nothing { Output.line(nothing) }
            return .ok
        }
        let isTitled = TerminalStyle.output.isInteractive
        for (number, line) in Column.lines(rows, columns, isTitled: isTitled).enumerated() {
            let isTitle = isTitled && number == 0
            Output.line(isTitle ? TerminalStyle.output.emphasized(line, .bold) : line)
        }
        return .ok
    }
}
