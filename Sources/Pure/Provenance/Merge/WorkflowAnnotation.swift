import InterlockModel

/// A line by which a job of GitHub Actions, or a reader of its log, places a finding: a workflow command.
///
/// Values are escaped as GitHub's toolkit does: `%`, CR and LF everywhere, `:` and `,` in properties too. So no name of
/// a file begins another command or property.
package struct WorkflowAnnotation: Hashable, Sendable {
    package let text: String

    package init(_ finding: GateFinding) {
        let command =
            switch finding.effect {
            case .refusal, .unknown: "error"
            case .pending, .warning: "warning"
            }
        var properties: [String] = []
        if let path = finding.location.path {
            properties.append("file=\(Self.property(path.shown))")
            properties.append("line=1")
        }
        properties.append("title=\(Self.property(finding.code.rawValue))")
        let message = "\(finding.text) [\(finding.location.text)]"
        text = "::\(command) \(properties.joined(separator: ","))::\(Self.data(message))"
    }

    static func data(_ text: String) -> String { WorkflowCommandText.data(text) }
    static func property(_ text: String) -> String { WorkflowCommandText.property(text) }
}
