/// Text inside a workflow command, the line by which a job of GitHub Actions places a finding
/// (`::error file=a.c,line=1::text`). It is escaped as GitHub's toolkit does, so that no text begins another command or
/// property.
package enum WorkflowCommandText {
    /// Escapes the message: `%`, CR and LF.
    package static func data(_ text: String) -> String {
        escaped(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    /// Escapes the value of a property: `:` and `,` too.
    package static func property(_ text: String) -> String {
        escaped(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    /// Works by scalars: CR and LF together are one character.
    private static func escaped(_ text: String, _ table: [Unicode.Scalar: String]) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            if let form = table[scalar] {
                output += form
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
