import InterlockTesting
import Testing

@testable import InterlockEvidencePack

/// The tables of docs/evidence.md, from which verifiers are written, are those of the builder.
@Suite(.requirement("R134")) struct EvidencePageTests {
    private func lines() throws -> Set<String> {
        let path = TestFiles.root(from: #filePath) + "/docs/evidence.md"
        let bytes = try #require(TestFiles.read(path))
        return Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
    }

    private func cell(_ control: EvidenceControl, _ side: SampleKind.Side) -> String {
        let kinds = control.samples.filter { $0.side == side }.map { kind in
            let field = kind.query.field.map { " with `\($0.name)` `\($0.value)`" } ?? ""
            return "`\(kind.name)`: `\(kind.query.type)`\(field)"
        }
        return kinds.isEmpty ? "" : kinds.joined(separator: "; ") + " "
    }

    @Test func `each control has its row of kinds of samples`() throws {
        let page = try lines()
        for control in EvidenceControl.all {
            let row =
                "| \(control.id.rawValue) | \(cell(control, .done))| \(cell(control, .refused))|"
            #expect(page.contains(row), "\(row)")
        }
    }

    @Test func `each question of an auditor has its row`() throws {
        let page = try lines()
        for question in AuditorQuestion.all {
            let files = question.files.map { "`\($0)`" }.joined(separator: ", ")
            let controls = question.controls.map(\.rawValue).joined(separator: ", ")
            #expect(page.contains("| \(question.text) | \(files) | \(controls) |"))
        }
    }

    @Test func `each rule is explained`() throws {
        let text = try lines().joined(separator: "\n")
        for check in RecordCheck.allCases { #expect(text.contains("`\(check.rawValue)`")) }
        #expect(text.contains("`\(EvidenceManifest.seedPrefix)`"))
    }
}
