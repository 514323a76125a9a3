import InterlockJSON

/// A list of questions in CSV (RFC 4180) whose answers are filled in by control id.
package struct Questionnaire: Sendable {
    private let rows: [[String]]
    private let control: Int

    package static let maximumBytes = 1 << 20

    package enum Fault: Error, Sendable, Hashable, CustomStringConvertible {
        case noText
        case noControlColumn
        case openQuote
        case ragged(row: Int)

        package var description: String {
            switch self {
            case .noText: "it is no UTF-8 text"
            case .noControlColumn: "its first row has no cell `control`"
            case .openQuote: "a quoted cell does not end"
            case .ragged(let row): "row \(row) has another number of cells than the first"
            }
        }
    }

    /// Parses the rows, of which the first names the columns; one of them is `control`.
    package init(parsing bytes: [UInt8]) throws(Fault) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .noText }
        rows = try Self.rows(text)
        guard let place = rows.first?.firstIndex(where: { sameBytes($0, "control") }) else {
            throw .noControlColumn
        }
        control = place
        for (number, row) in rows.enumerated() where row.count != rows[0].count {
            throw .ragged(row: number + 1)
        }
    }

    private static let unknown =
        "Not answered: this pack has no control and no item of a framework of this id."

    /// The same rows with a column `answer`. A question about an id that is not known gets a sentence that says so.
    package func filled(_ answer: (String) -> String?) -> String {
        rows.enumerated().map { number, row in
            let unknown = row[control].isEmpty ? "" : Self.unknown
            let added = number == 0 ? "answer" : answer(row[control]) ?? unknown
            return (row + [added]).map(Self.cell).joined(separator: ",") + "\r\n"
        }.joined()
    }

    /// The ids that have no answer, in the order of the rows.
    package func unanswered(_ answer: (String) -> String?) -> [String] {
        rows.dropFirst().map { $0[control] }.filter { !$0.isEmpty && answer($0) == nil }
    }

    private static func cell(_ text: String) -> String {
        let plain = ReportBlock.safe(text)
        guard plain.utf8.contains(where: { $0 == 0x2c || $0 == 0x22 || $0 == 0x0a || $0 == 0x0d })
        else { return plain }
        var quoted = "\""
        for scalar in plain.unicodeScalars {
            quoted.unicodeScalars.append(scalar)
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
        }
        return quoted + "\""
    }

    private static func rows(_ text: String) throws(Fault) -> [[String]] {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        var hasCell = false
        var rest = Array(text.unicodeScalars)[...]
        while let next = rest.popFirst() {
            if isQuoted {
                if next != "\"" {
                    cell.unicodeScalars.append(next)
                } else if rest.first == "\"" {
                    cell.unicodeScalars.append(next)
                    rest.removeFirst()
                } else {
                    isQuoted = false
                }
                continue
            }
            switch next {
            case "\"":
                isQuoted = true
                hasCell = true
            case ",":
                row.append(cell)
                cell = ""
                hasCell = true
            case "\n", "\r":
                if next == "\r", rest.first == "\n" { rest.removeFirst() }
                guard hasCell || !cell.isEmpty else { continue }
                rows.append(row + [cell])
                (row, cell, hasCell) = ([], "", false)
            default: cell.unicodeScalars.append(next)
            }
        }
        guard !isQuoted else { throw .openQuote }
        if hasCell || !cell.isEmpty { rows.append(row + [cell]) }
        return rows
    }
}
