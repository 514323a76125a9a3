import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

extension Invariants {
    /// The input is `approvals/server.yaml`. Reading twice gives the same result; a file with a finding gives no
    /// template; a template's texts have one spelling, and filling them includes every argument or names the first
    /// missing one.
    package static func template(_ bytes: [UInt8]) {
        guard let server = ServerName("server") else { return }
        let reading = TemplateReader.read(bytes, of: server, file: "approvals/server.yaml")
        let again = TemplateReader.read(bytes, of: server, file: "approvals/server.yaml")
        precondition(
            reading.findings == again.findings && reading.byTool == again.byTool,
            "what is said of a file is a function of its bytes")
        precondition(
            reading.byTool.isEmpty || reading.findings.isEmpty, "half a file gives no template")
        for (tool, template) in reading.byTool {
            precondition(tool.server == server && template.tool == tool, "its own server's tools")
            precondition(
                (try? template.digest(OpenSSLHashing())) != nil, "a template has a digest")
            precondition(
                template.uses == 1 || template.reversal?.isPossible == true,
                "only what can be undone is repeated")
            precondition(
                template.preconditions.isEmpty || template.preview != nil,
                "what is compared is read by the preview")
            check(template)
        }
    }

    private static func check(_ template: ReviewTemplate) {
        let texts =
            [template.target, template.quantity?.unit].compactMap { $0 }
            + (template.preview.map { Array($0.arguments.values) } ?? [])
        for text in texts {
            precondition(TemplateText(text.description) == text, "a text has one spelling")
            let names = text.parts.compactMap { part in
                if case .argument(let path) = part { path } else { nil }
            }
            do throws(TemplateGap) {
                _ = try text.filled(from: [:])
                precondition(names.isEmpty, "no argument is left out")
            } catch {
                precondition(names.first == error.path, "the first that is missing is named")
            }
        }
    }
}
