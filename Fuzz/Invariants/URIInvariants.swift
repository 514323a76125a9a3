import InterlockMCP
import InterlockModel

extension Invariants {
    /// The first line is a template, the second a URI. An accepted URI has one form that contains nothing a server
    /// could resolve; a URI that matches a template has a value for each variable.
    package static func uri(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        for line in lines {
            _ = RoutedURI(line).map { precondition($0.text == line, "a routed URI is its text") }
            if let sample = URITemplate.sample(of: line) { check(sample) }
            check(line)
        }
        guard let template = try? URITemplate(lines[0]) else { return }
        precondition(template.scheme != ResourceURI.gatewayScheme, "that scheme is ours")
        guard lines.count > 1, let uri = try? ResourceURI(lines[1]),
            let values = template.match(uri)
        else { return }
        precondition(values.map(\.name) == template.names, "each variable has a value")
        precondition(values.allSatisfy { !$0.value.isEmpty }, "no value is empty")
        precondition(!template.isExact || template.text == uri.text, "a whole URI is itself")
        precondition(uri.scheme == template.scheme, "no variable takes a scheme")
    }

    private static func check(_ text: String) {
        guard let uri = try? ResourceURI(text) else { return }
        precondition((try? ResourceURI(uri.text)) == uri, "the form is the form's form")
        precondition(uri.scheme != ResourceURI.gatewayScheme, "that scheme is ours")
        let pieces = uri.text.utf8.split(whereSeparator: { "/?#&=;:".utf8.contains($0) })
        precondition(
            pieces.allSatisfy { !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) },
            "nothing is left to be resolved")
        let escaped = uri.text.lowercased()
        precondition(
            !["%2f", "%5c", "%2e", "%00"].contains { escaped.contains($0) },
            "no separator and no dot hides in an escape")
    }
}
