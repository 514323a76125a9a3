import InterlockModel

/// A part of a report for people, which is written as Markdown and as HTML.
enum ReportBlock {
    case heading(Int, String)
    case paragraph(String)
    case list([String])
    case table([String], [[String]])

    static func markdown(_ blocks: [ReportBlock]) -> String {
        blocks.map { $0.markdown + "\n" }.joined(separator: "\n")
    }

    static func html(_ title: String, _ blocks: [ReportBlock]) -> String {
        let body = blocks.map { $0.html + "\n" }.joined()
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(XMLText.attribute(title))</title>
            <style>body{font:15px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}
            table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2em .5em;text-align:left;vertical-align:top}</style>
            </head><body>
            \(body)</body></html>

            """
    }

    private var markdown: String {
        switch self {
        case .heading(let level, let text):
            String(repeating: "#", count: level) + " " + Self.plain(text)
        case .paragraph(let text): Self.plain(text)
        case .list(let items): items.map { "- " + Self.plain($0) }.joined(separator: "\n")
        case .table(let header, let rows):
            ([header, header.map { _ in "---" }] + rows.map { $0.map(Self.cell) })
                .map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
        }
    }

    private var html: String {
        switch self {
        case .heading(let level, let text): "<h\(level)>\(XMLText.attribute(text))</h\(level)>"
        case .paragraph(let text): "<p>\(XMLText.attribute(text))</p>"
        case .list(let items):
            "<ul>" + items.map { "<li>\(XMLText.attribute($0))</li>" }.joined() + "</ul>"
        case .table(let header, let rows):
            "<table><tr>" + header.map { "<th>\(XMLText.attribute($0))</th>" }.joined() + "</tr>"
                + rows.map { row in
                    "<tr>" + row.map { "<td>\(XMLText.attribute(Self.safe($0)))</td>" }.joined()
                        + "</tr>"
                }.joined(separator: "\n") + "</table>"
        }
    }

    /// Text that Markdown shows as it is, on one line.
    private static func plain(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "[", "]", "|", "#": output += "\\\(scalar)"
            case "<": output += "&lt;"
            case "&": output += "&amp;"
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": output += " "
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static func cell(_ text: String) -> String { plain(safe(text)) }

    /// Text that no spreadsheet takes for a formula.
    static func safe(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first)
        else {
            return text
        }
        return "'" + text
    }
}
