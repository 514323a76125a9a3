import InterlockAPI
import InterlockEvidence
import InterlockMarkup
import InterlockModel

/// `/merges/INDEX`: one check of commits before a merge, with what it found.
struct MergePage {
    let check: MergeCheck
    /// Returns the person of a pseudonym, or nil if the viewer does not see them.
    let person: (Pseudonym) -> Person?

    var title: String { "Merge check of \(check.head.prefix(8))" }

    var header: PageHeader {
        var header = PageHeader(
            kind: "Merge check", back: .init(words: MergesPage.title, link: MergesRoute.list.link),
            check.status
        ) {
            "Commits up to "
            SafeText.text(String(check.head.prefix(8)))
        }
        header.fact("Time") { Shape.time(check.at) }
        header.fact("Merges") { check.merger(person) }
        header.fact("Commits") { "\(check.count("cnt")), \(check.count("agents")) by agents" }
        header.fact("Proof") { check.mark }
        header.add(HeaderAction("Show record", Link("audit", String(check.record.index))))
        return header
    }

    @HTMLBuilder var content: [HTML] {
        card("Findings", .part) { findings }
        card("Facts", .part) { facts }
    }

    @HTMLBuilder private var findings: [HTML] {
        if let findings = check.findings {
            Table(
                "What was found",
                [.text("Finding"), .name("Code"), .state("Effect"), .text("Where", .second)],
                findings
            ) { finding in
                [
                    .safe(finding.message), .name(finding.code), .safe(finding.effect),
                    .safe(
                        [finding.file, finding.commit].compactMap(\.self).joined(separator: ", ")),
                ]
            }.html(or: "Nothing was found.")
        } else {
            element(.p, .style(.muted)) {
                "The texts of the findings cannot be read. Their codes: "
                SafeText.text(check.codes.isEmpty ? "none" : check.codes.joined(separator: ", "))
            }
        }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.add("Range") {
            element(.code) { SafeText.text("\(check.since)..\(check.head)") }
        }
        facts.add("Changed files") { "\(check.count("files"))" }
        facts.add("Files that decide on checks") { "\(check.count("gate"))" }
        facts.add("Approvals in the review") { "\(check.count("approvals"))" }
        facts.add("Record") { "\(check.record.index)" }
        return facts.html
    }
}
