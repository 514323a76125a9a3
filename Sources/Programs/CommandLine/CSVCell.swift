/// Cells of CSV (RFC 4180) that people open in spreadsheets.
///
/// Texts are compared by Unicode scalar: a comma, a quote or `=` with a combining mark is another character, and
/// still separates, ends or begins a cell.
package enum CSVCell {
    /// Beginnings that spreadsheets interpret as a formula, also in their full-width forms.
    private static let formula: [Unicode.Scalar] = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]
    /// Scalars for which a cell is quoted; in some countries spreadsheets separate cells by semicolons.
    private static let special: [Unicode.Scalar] = [",", ";", "\"", "\t", "\r", "\n"]

    /// Returns the cell as it is written: with `'` before a formula, and quoted if it must be.
    package static func written(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let isFormula = scalars.first.map { formula.contains($0) } ?? false
        let plain = isFormula ? "'" + text : text
        guard plain.unicodeScalars.contains(where: { special.contains($0) }) else { return plain }
        var quoted = String.UnicodeScalarView()
        quoted.append("\"")
        for scalar in plain.unicodeScalars {
            if scalar == "\"" { quoted.append("\"") }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}
